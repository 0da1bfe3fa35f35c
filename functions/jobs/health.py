"""STUB"""

from typing import Any

from bai.auth import Caller


def read_health(caller: Caller) -> dict[str, Any]:
    raise NotImplementedError
