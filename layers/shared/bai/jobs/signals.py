"""How a run of a job can end other than by its result. Raised inside it, understood by bai.worker alone."""

from datetime import datetime

from bai.errors import Conflict, DomainError, Unavailable


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


class ChildrenStarted(Exception):
    """The parent waits for its children; everything is committed already."""


class StepTimeout(Unavailable):
    """The hard limit of a step: its work was interrupted."""

    code, title = "step_timeout", "Took too long"


class NotDone(Exception):
    """Raised by an effect's `send` (from the error itself) when the outside system surely did nothing."""


class EffectInDoubt(Conflict):
    """An at-most-once effect may or may not have happened; a person has to look and say which."""

    code, title = "effect_unknown", "Nobody knows whether it happened"


class ChildFailed(DomainError):
    """A child ended without a result; the parent's error is the child's own."""

    code, status, title = "child_failed", 409, "A part of it failed"

    def __init__(self, error: dict[str, object]) -> None:
        super().__init__(str(error.get("detail") or "A part of the job failed."))
        self.error = error
