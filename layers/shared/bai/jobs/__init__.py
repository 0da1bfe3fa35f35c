"""Background jobs: a row in the business transaction, a message with its id, a worker with a lease.

For services: `enqueue`, `lock`, `cancel`, `retry`, `replay`, `reconcile`, `answer`; for a module's job_types.py:
`JobType` and what it is made of; for a job's function: `Running`, `Child` and the signals. Crash anywhere: nothing is
lost. Refuses to know any module; docs/decisions/0004-jobs-as-rows.md says why it is so.
"""

from bai.jobs.children import Child
from bai.jobs.control import answer, cancel, end, lock, reconcile, replay, retry
from bai.jobs.cron import Schedule
from bai.jobs.keys import Unique
from bai.jobs.outbox import enqueue
from bai.jobs.running import Running
from bai.jobs.signals import NotDone, Retry, WaitForCallback
from bai.jobs.states import JobRow, describe
from bai.jobs.types import JobType, Rate, Retries

__all__ = [
    "Child",
    "JobRow",
    "JobType",
    "NotDone",
    "Rate",
    "Retries",
    "Retry",
    "Running",
    "Schedule",
    "Unique",
    "WaitForCallback",
    "answer",
    "cancel",
    "describe",
    "end",
    "enqueue",
    "lock",
    "reconcile",
    "replay",
    "retry",
]
