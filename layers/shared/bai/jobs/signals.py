"""How a run of a job can end other than by its result. Raised inside it, understood by bai.worker alone."""

from datetime import datetime


class LostLease(Exception):
    """Somebody else holds the job now, or it has ended; this worker's writes are refused."""


class CancelRequested(Exception):
    """The job is to stop at this step."""


class DeadlinePassed(Exception):
    """The job's deadline passed before this step."""


class OutOfTime(Exception):
    """The invocation ends before this step could; the job goes on in a new one and no attempt is used up."""


class Retry(Exception):
    """Try again after so many seconds, instead of the usual backoff."""

    def __init__(self, after: float, reason: str) -> None:
        super().__init__(reason)
        self.after = after


class WaitForCallback(Exception):
    """Ends this run; the job goes on when bai.jobs.answer is called, or fails at `until`."""

    def __init__(self, until: datetime, message: str) -> None:
        super().__init__(message)
        self.until, self.message = until, message
