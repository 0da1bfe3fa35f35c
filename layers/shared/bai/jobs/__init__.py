"""Background jobs: a row in the business transaction, a message with its id, a worker with a lease.

For services: `enqueue`, `lock`, `cancel`, `retry`, `answer`; for a job's function: `Running`, `Retry`, `WaitForCallback`.
Crash anywhere: nothing is lost. Refuses to know any module; docs/decisions/0004-jobs-as-rows.md says why it is so.
"""

from bai.jobs.control import answer, cancel, end, lock, retry
from bai.jobs.outbox import enqueue
from bai.jobs.running import Running
from bai.jobs.signals import Retry, WaitForCallback
from bai.jobs.states import describe

__all__ = [
    "Retry",
    "Running",
    "WaitForCallback",
    "answer",
    "cancel",
    "describe",
    "end",
    "enqueue",
    "lock",
    "retry",
]
