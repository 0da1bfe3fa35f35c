"""Workers killed at twelve points, two of each: the small size of `make faults`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.kill import rounds


@pytest.mark.timeout(300)
def test_no_kill_loses_doubles_or_sticks_a_job(tmp_path: Path) -> None:
    for result in rounds.run(tmp_path, 2):
        assert result.clean, result
