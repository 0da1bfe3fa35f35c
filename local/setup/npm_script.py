"""Runs scripts of web/console that exist there, with a Node.js that is recent enough: `python -m local.setup.npm_script lint`."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from . import console
from .steps import Progress, StepFailed


def run(scripts: list[str]) -> int:
    if not console.exists():
        return 0
    package = json.loads((console.CONSOLE / "package.json").read_text())
    environment = {**os.environ, **console.node_environment(Progress())}
    for script in scripts:
        if script not in package.get("scripts", {}):
            continue
        print(f"npm run {script}", flush=True)
        ended = subprocess.run(
            [*console.NPM, "run", "--silent", script], cwd=console.CONSOLE, env=environment, check=False
        )
        if ended.returncode != 0:
            return ended.returncode
    return 0


if __name__ == "__main__":
    try:
        sys.exit(run(sys.argv[1:]))
    except StepFailed as failure:
        sys.exit(failure.reason)
