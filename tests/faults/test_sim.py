"""A small size of the simulated parts of the proof; `make faults` runs them in full."""

from __future__ import annotations

import pytest

from tests.faults import sim
from tests.faults.results import Result


def assert_clean(result: Result) -> None:
    assert result.clean, (
        f"{result.test}: lost={result.lost} doubled={result.doubled} stuck={result.stuck}; {result.notes}"
    )


@pytest.mark.timeout(300)
def test_no_seed_loses_doubles_or_blocks_a_job() -> None:
    result = sim.run(range(150))
    assert_clean(result)
    assert result.runs == 150


@pytest.mark.timeout(300)
def test_one_failed_call_costs_time_but_never_the_job() -> None:
    assert_clean(sim.run_failures(every=61, kills=True))


@pytest.mark.timeout(300)
def test_eight_schedulers_make_one_job_of_each_tick() -> None:
    result = sim.run_schedulers(ticks=400)
    assert_clean(result)
    assert result.runs == 400


@pytest.mark.timeout(300)
def test_a_client_with_most_of_the_backlog_starves_nobody() -> None:
    assert_clean(sim.run_backlog(jobs=1_500))
