"""The comparison with Arq: what its table says is counted on both sides' real processes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from local import arq_ground
from local.arq_compare import compare, table
from local.arq_seen import SITUATIONS, Seen
from local.processes import NotAvailable

NEEDS_REDIS = pytest.mark.skipif(shutil.which("redis-server") is None, reason=arq_ground.REDIS_HELP)
QUICK = {"exception", "duplicate", "cancel_queued", "cancel_running", "unknown", "payload"}


@NEEDS_REDIS
def test_both_engines_are_watched_in_the_same_situations(tmp_path: Path) -> None:
    theirs, ours = compare(tmp_path, QUICK)
    assert set(theirs) == set(ours) == QUICK

    assert theirs["exception"].facts["runs"] == 1 and theirs["exception"].facts["success"] is False
    assert ours["exception"].facts["runs"] == 2 and ours["exception"].facts["state"] == "succeeded"

    assert theirs["duplicate"].facts == {"asked": 20, "made": 1, "runs": 1}
    assert ours["duplicate"].facts == {"asked": 20, "made": 1, "runs": 1}

    assert theirs["cancel_queued"].facts == {"plain_runs": 1, "abort_runs": 0}
    assert ours["cancel_queued"].facts == {"state": "cancelled", "runs": 0}

    assert theirs["cancel_running"].facts == {"plain_ends": 1, "abort_ends": 0}
    assert ours["cancel_running"].facts == {"state": "cancelled", "ends": 0}

    for refused in ("unknown", "payload"):
        assert theirs[refused].facts["accepted"] is True and theirs[refused].facts["success"] is False
        assert ours[refused].facts["accepted"] is False


def test_the_table_has_a_block_for_each_situation_seen() -> None:
    seen = {name: Seen(f"what was seen of {name} " * 4) for name in SITUATIONS}
    shown = table(seen, {**seen, "crash": Seen("Went on.")}, 120, "0.28.0")
    assert all(len(line) <= 120 for line in shown.splitlines())
    assert "Arq 0.28.0" in shown.splitlines()[0] and "Went on." in shown
    assert sum(set(line) == {"-", " "} for line in shown.splitlines()) == len(SITUATIONS) + 1


def test_a_missing_redis_is_told_with_how_to_get_it() -> None:
    with pytest.raises(NotAvailable, match=r"redis-server is not installed.*apt-get install redis-server"):
        arq_ground.find_redis("")
