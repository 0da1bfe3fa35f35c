"""Doubled messages, zombies, poison, lost messages, one key for many, no database: the small size of `make faults`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import crowd


@pytest.mark.timeout(300)
def test_a_crowd_loses_doubles_and_sticks_nothing(tmp_path: Path) -> None:
    results = list(crowd.run(tmp_path, 2, outage_seconds=3))
    assert [result for result in results if not result.clean] == []
    assert {result.test.partition(",")[0] for result in results} >= {"one key at once", "crash between commit and send"}
