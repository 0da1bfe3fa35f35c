"""Job types for tests: the module `trial` with whatever types a test declares, on the planner's queue."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from pydantic import BaseModel

from bai.jobs import JobType

QUEUE = "content_planner"


class Payload(BaseModel):
    a: int = 1


def declare(*types: JobType) -> None:
    """Makes the types the ones that `trial.*` names."""
    module = ModuleType("trial.job_types")
    module.JOB_TYPES = types  # type: ignore[attr-defined]
    sys.modules["trial.job_types"] = module


def trial_type(name: str = "test", **options: Any) -> JobType:
    return JobType(f"trial.{name}", **{"payload": Payload, "queue": QUEUE, **options})
