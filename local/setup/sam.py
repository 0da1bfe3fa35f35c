"""Runs AWS SAM from its own environment with what it needs on this machine: `python -m local.setup.sam validate --lint`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from . import pythons, registries
from .steps import ROOT, Progress, StepFailed

SAM = ROOT / ".venv-sam" / "bin" / "sam"


def run(arguments: list[str]) -> int:
    """`sam validate` asks for a region although it only reads; `sam build` needs uv for the dependency layer."""
    uv = Path(pythons.find_uv(Progress())).parent
    path = os.pathsep.join([os.environ.get("PATH", ""), str(uv)])
    quiet = {"SAM_CLI_TELEMETRY": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    region = {"AWS_DEFAULT_REGION": os.environ.get("AWS_DEFAULT_REGION", "eu-west-1")}
    environment = {**os.environ, **registries.uv_settings(), **quiet, **region, "PATH": path}
    return subprocess.run([SAM, *arguments], cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(run(sys.argv[1:]))
    except StepFailed as failure:
        sys.exit(failure.reason)
