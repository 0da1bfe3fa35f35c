"""A layer's module: appends a line to a file that the test names."""

from __future__ import annotations

import json
import os
import time
from typing import Any


def tell(path: str, what: Any) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(descriptor, json.dumps({"at": time.time(), "what": what}).encode() + b"\n")
    os.close(descriptor)
