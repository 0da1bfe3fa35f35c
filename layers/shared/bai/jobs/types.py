"""What a job is: its name, payload, limits and schedule, declared in a module's `job_types.py`. Knows no function.

Found by name: the part before the dot is the module. Light enough for any route to import when it enqueues.
"""

import importlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from bai.errors import Invalid
from bai.jobs.cron import Schedule

# Who has a job_types.py; tests/house holds this to the folders.
MODULES: Final = ("content_planner", "jobs")
_NAME = re.compile(r"[a-z][a-z_]{0,38}\.[a-z][a-z_]{0,38}")


class UnknownJob(LookupError):
    """There is no job of this name: a slip of the programmer, so nothing is enqueued."""


class UnreadablePayload(Exception):
    """A payload of a version that this code does not know yet: tried again, since a deploy may be under way."""


@dataclass(frozen=True, slots=True)
class Retries:
    """How often an attempt may fail by class of its error, and the wait between: capped exponential, full jitter.

    retryable: Unavailable, Retry, time-outs. unknown: any other exception. A DomainError is permanent: never again.
    """

    retryable: int = 8
    unknown: int = 5
    first_seconds: float = 2.0
    cap_seconds: float = 300.0

    def ceiling(self, attempt: int) -> float:
        """Upper bound in seconds of the wait after the given attempt (1-based)."""
        return min(self.cap_seconds, self.first_seconds * 2.0 ** min(attempt - 1, 16))


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` starts in any window of `per`, evenly refilled."""

    count: int
    per: timedelta


@dataclass(frozen=True, slots=True)
class JobType:
    """`upcasters[n]` turns a payload of version n into one of n + 1; every version ever has a golden file in tests."""

    name: str
    payload: type[BaseModel]
    version: int = 1
    upcasters: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = field(default_factory=dict)
    queue: str = ""
    deadline: timedelta = timedelta(minutes=30)
    retries: Retries = Retries()
    retention: timedelta = timedelta(days=90)
    client_concurrency: int | None = None
    type_concurrency: int | None = None
    client_rate: Rate | None = None
    type_rate: Rate | None = None
    schedule: Schedule | None = None
    hidden: bool = False

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"a job is named module.verb, not {self.name!r}")
        if set(self.upcasters) != set(range(1, self.version)):
            raise ValueError(f"{self.name} needs an upcaster from each version before {self.version}")
        if not self.queue:
            object.__setattr__(self, "queue", self.name.partition(".")[0])

    @property
    def limited(self) -> bool:
        return any((self.client_concurrency, self.type_concurrency, self.client_rate, self.type_rate))

    def write_payload(self, payload: BaseModel | Mapping[str, Any]) -> dict[str, Any]:
        """The payload as JSON of the present version. Raises Invalid."""
        try:
            given = payload if isinstance(payload, self.payload) else self.payload.model_validate(payload, strict=False)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            raise Invalid(".".join(["payload", *map(str, first["loc"])]), first["msg"]) from error
        return given.model_dump(mode="json")

    def read_payload(self, payload: dict[str, Any], version: int) -> Any:
        """A stored payload of any version as the present model. Raises UnreadablePayload."""
        if version > self.version:
            raise UnreadablePayload(f"{self.name} has a payload of version {version}; this code knows {self.version}")
        for step in range(version, self.version):
            payload = self.upcasters[step](payload)
        return self.payload.model_validate(payload)


def find(name: str) -> JobType:
    """The declaration of `module.verb`. Raises UnknownJob."""
    if not _NAME.fullmatch(name):
        raise UnknownJob(name)
    try:
        declared = importlib.import_module(f"{name.partition('.')[0]}.job_types")
    except ModuleNotFoundError as error:
        raise UnknownJob(name) from error
    for job_type in declared.JOB_TYPES:
        if job_type.name == name:
            return job_type  # type: ignore[no-any-return]
    raise UnknownJob(name)


def all_types() -> list[JobType]:
    """Every declared job, for the scheduler and for the people on call."""
    return [job_type for module in MODULES for job_type in importlib.import_module(f"{module}.job_types").JOB_TYPES]
