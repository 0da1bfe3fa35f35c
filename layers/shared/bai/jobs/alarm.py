"""The hard limit of a step: whatever it waits for is interrupted, so that the worker can say so while it still lives.

By SIGALRM, which reaches only the main thread; that is where Lambda runs a handler. Elsewhere the lease is the limit.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from bai import clock, db
from bai.jobs.signals import StepTimeout

_AGAIN_SECONDS = 0.05


class Limit:
    """When a step's time is over by the clock on the wall, which goes on while an environment is frozen."""

    def __init__(self, seconds: float, what: str) -> None:
        self.ends = clock.now() + timedelta(seconds=seconds)
        self.seconds, self.what = seconds, what

    def require(self) -> None:
        """Right before a request goes out: raises StepTimeout when somebody else may hold the job by now."""
        if clock.now() >= self.ends:
            raise self.passed()

    def passed(self) -> StepTimeout:
        return StepTimeout(f"The step {self.what} took longer than {self.seconds:g} s and was interrupted.")


@contextmanager
def at_most(seconds: float, what: str) -> Iterator[Limit]:
    """Raises StepTimeout inside the block after `seconds`."""
    limit = Limit(seconds, what)
    if threading.current_thread() is not threading.main_thread():
        yield limit
        return

    def interrupt(number: int, frame: Any) -> None:
        if db.in_transaction():  # short and bounded; cut off in the middle, the connection would be out of step
            signal.setitimer(signal.ITIMER_REAL, _AGAIN_SECONDS)
            return
        raise limit.passed()

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield limit
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
