"""The vocabulary of refusals. Each kind has a stable `code` and an HTTP status; what it means on the wire is bai.http's.

Refuses to know FastAPI, SQLAlchemy and AWS. A DomainError raised inside a job is final: it is not retried.
"""

from datetime import datetime
from typing import Any, ClassVar


class DomainError(Exception):
    """`detail` says what happened and what to do; it is shown to clients, so it never holds secrets."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "Request refused"

    def __init__(self, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra


class Unauthenticated(DomainError):
    code, status, title = "unauthenticated", 401, "Not signed in"


class Forbidden(DomainError):
    code, status, title = "forbidden", 403, "Not allowed"


class FeatureForbidden(DomainError):
    """The caller's plan lacks a feature; `feature` and `required_plan` say which plan opens it."""

    code, status, title = "feature_forbidden", 403, "Not in your plan"

    def __init__(self, feature: str, required_plan: str) -> None:
        super().__init__(
            f"Your plan does not include this. {required_plan} opens it.", feature=feature, required_plan=required_plan
        )


class ReadOnly(DomainError):
    code, status, title = "subscription_read_only", 403, "Subscription is read-only"


class NotFound(DomainError):
    """Also the answer for what belongs to somebody else."""

    code, status, title = "not_found", 404, "Not found"

    def __init__(self, kind: str) -> None:
        super().__init__(f"There is no such {kind}.")


class Conflict(DomainError):
    code, status, title = "conflict", 409, "Conflicts with the present state"


class EmailTaken(Conflict):
    code = "email_taken"


class IdempotencyKeyReused(Conflict):
    code = "idempotency_key_reused"


class PlatformRulesViolated(Conflict):
    code = "platform_rules_violated"


class Invalid(DomainError):
    """`errors` is a list of {loc, msg}, like the validation errors of a request body."""

    code, status, title = "validation_failed", 422, "Some fields are not valid"

    def __init__(self, loc: str, msg: str) -> None:
        super().__init__(f"{loc}: {msg}", errors=[{"loc": loc.split("."), "msg": msg}])


class QuotaExhausted(DomainError):
    code, status, title = "quota_exhausted", 429, "Quota used up"

    def __init__(self, what: str, resets_at: datetime) -> None:
        super().__init__(f"The month's {what} are used up.", resets_at=resets_at)


class RateLimited(DomainError):
    code, status, title = "rate_limited", 429, "Too many requests"

    def __init__(self, detail: str, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Unavailable(DomainError):
    """Something this suite needs is away for now. Inside a job this is the one DomainError that is retried."""

    code, status, title = "unavailable", 503, "Temporarily unavailable"

    def __init__(self, detail: str, retry_after: int = 2) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class GenerationFailed(DomainError):
    """The configured engine gave something that can't be used, after its one repair."""

    code, status, title = "generation_failed", 502, "Content could not be made"
