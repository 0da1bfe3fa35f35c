"""The hard limit of a step: whatever it waits for is interrupted, so that the worker can say so while it still lives.

By SIGALRM, which reaches only the main thread; that is where Lambda runs a handler. Elsewhere the lease is the limit.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bai import db
from bai.jobs.signals import StepTimeout

_AGAIN_SECONDS = 0.05


@contextmanager
def at_most(seconds: float, what: str) -> Iterator[None]:
    """Raises StepTimeout inside the block after `seconds`."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: Any) -> None:
        if db.in_transaction():  # short and bounded; cut off in the middle, the connection would be out of step
            signal.setitimer(signal.ITIMER_REAL, _AGAIN_SECONDS)
            return
        raise StepTimeout(f"The step {what} took longer than {seconds:g} s and was interrupted.")

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
