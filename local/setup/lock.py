"""Resolves requirements/*.in into hashed lock files without any registry's name: `make lock`, `make lock ARGS=--upgrade`."""

from __future__ import annotations

import sys

from . import pythons, registries
from .steps import ROOT, Progress, StepFailed

QUIET = ["--quiet", "--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"]
EVERYWHERE = ["--universal", "--python-version", "3.11"]
LAMBDA = ["--python-platform", "aarch64-manylinux_2_28", "--python-version", "3.13", "--only-binary", ":all:"]
LAYER = ROOT / "layers" / "deps" / "requirements.txt"


def lock(progress: Progress, extra: list[str]) -> None:
    """The layer follows .venv's versions, so that what is tested is what is deployed."""
    compile_ = [pythons.find_uv(progress), "pip", "compile", *QUIET, *extra]
    environment = registries.uv_settings()
    folder = pythons.LOCKS
    for source in sorted(folder.glob("*.in")):
        if source.stem == "runtime":
            continue
        with progress.step(f"requirements/{source.stem}.txt"):
            command = [*compile_, *EVERYWHERE, source.name, "-o", source.with_suffix(".txt").name]
            progress.run(command, cwd=folder, env=environment)
    with progress.step("layers/deps/requirements.txt"):
        # Into a new file: uv prefers what an old one says, and then looks for wheels only in the index that has it first.
        fresh = LAYER.with_name("fresh.txt")
        try:
            command = [*compile_, *LAMBDA, "-c", "dev.txt", "runtime.in", "-o", str(fresh)]
            progress.run(command, cwd=folder, env=environment)
            fresh.replace(LAYER)
        finally:
            fresh.unlink(missing_ok=True)
    progress.finish()


if __name__ == "__main__":
    try:
        lock(Progress(), sys.argv[1:])
    except StepFailed as failure:
        sys.exit(f"\n{failure.reason}")
