"""Writes web/client/openapi.json from all modules' routers; the console's types are generated from it."""

from __future__ import annotations

import sys
from pathlib import Path

from auth.routes import router as auth
from bai.http import openapi_of
from content_planner.routes import router as content_planner
from jobs.routes import router as jobs
from ops.routes import router as ops
from push.routes import router as push

FILE = Path(__file__).parent.parent / "web" / "client" / "openapi.json"


def document() -> str:
    return openapi_of(auth, content_planner, jobs, push, ops)


if __name__ == "__main__":
    FILE.write_text(document())
    sys.stdout.write(f"{FILE.relative_to(FILE.parent.parent.parent)} written\n")
