"""STUB"""

from typing import Any

from bai.auth import Caller
from jobs.schemas.redrive import RedriveIn


def redrive_jobs(caller: Caller, body: RedriveIn) -> dict[str, Any]:
    raise NotImplementedError
