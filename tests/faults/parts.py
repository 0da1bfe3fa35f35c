"""The parts of the proof by name: what each does, how it is run and how long it may take. Imports a part when it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.faults.results import Result


@dataclass(frozen=True, slots=True)
class Size:
    """`n` workers killed at each point, `seeds` of the simulator, `outage` seconds without a database."""

    n: int = 200
    seeds: int = 30_000
    outage: float = 30
    workers: int = 2


Run = Callable[[Size, Path], Iterator[Result]]


@dataclass(frozen=True, slots=True)
class Part:
    number: int
    what: str
    run: Run
    limit: Callable[[Size], float]  # seconds; many times what it should take


def _kill(size: Size, folder: Path) -> Iterator[Result]:
    from tests.faults.kill import rounds

    yield from rounds.run(folder, size.n)


def _sim(size: Size, folder: Path) -> Iterator[Result]:
    from tests.faults.sim import seeds

    yield seeds.run(range(size.seeds), workers=size.workers)


def _calls(size: Size, folder: Path) -> Iterator[Result]:
    from tests.faults.sim.failures import run_failures

    yield run_failures(kills=True, workers=size.workers)


def _schedulers(size: Size, folder: Path) -> Iterator[Result]:
    from tests.faults.sim.schedulers import run_schedulers

    yield run_schedulers(8, 10_000 if size.n >= 100 else 500)


def _backlog(size: Size, folder: Path) -> Iterator[Result]:
    from tests.faults.sim.backlog import run_backlog

    yield run_backlog(100_000 if size.n >= 100 else 2_000)


def _crowd(name: str) -> Run:
    def run(size: Size, folder: Path) -> Iterator[Result]:
        from tests.faults import crowd

        yield from crowd.run(folder, size.n, size.outage, only=name)

    return run


def _half_hour(size: Size) -> float:
    return 1800 + 20 * size.n


PARTS = {
    "kill": Part(1, "workers killed at twelve points", _kill, lambda size: 1800 + 60 * size.n),
    "sim": Part(2, "the seeded simulator", _sim, lambda size: 1800 + size.seeds),
    "calls": Part(3, "the n-th call fails, n = 1 to all", _calls, lambda size: 7200),
    "repeated": Part(4, "every message twice, five times, to ten workers at once", _crowd("repeated"), _half_hour),
    "zombie": Part(5, "workers frozen at each point, replaced, woken up", _crowd("zombie"), _half_hour),
    "poison": Part(6, "messages nobody can read, among good ones", _crowd("poison"), _half_hour),
    "unsent": Part(7, "crash between commit and send", _crowd("unsent"), _half_hour),
    "unique": Part(8, "500 enqueue one key at once", _crowd("unique"), _half_hour),
    "schedulers": Part(9, "eight schedulers, 10,000 ticks", _schedulers, _half_hour),
    "away": Part(10, "no database under load", _crowd("away"), lambda size: 1200 + 10 * size.outage),
    "backlog": Part(11, "100,000 queued jobs, 95 % of one client", _backlog, lambda size: 7200),
}
