"""`make check`: every check that needs no running platform, two at a time; what fails shows what it said.

`python -m local.check types imports` runs some of them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
CONSOLE = ROOT / "web" / "console" / "package.json"
# mypy and SAM take most of the time, so they start first; more at once would only fight for two cores.
AT_ONCE = 2
LONGEST = 600.0


@dataclass(frozen=True)
class Check:
    """`command` runs from the repository; `advice` is for a person whose check failed."""

    name: str
    title: str
    command: tuple[str, ...]
    advice: str = ""


def checks() -> list[Check]:
    python = str(BIN / "python")
    sam = (python, "-m", "local.setup.sam", "validate")
    found = [
        Check("types", "types (mypy --strict)", (str(BIN / "mypy"), "--no-error-summary")),
        Check("sam", "sam validate", (*sam, "--config-env", "none")),
        Check("sam-lint", "sam validate --lint", (*sam, "--lint")),
        Check("cfn", "template (cfn-lint)", (str(BIN / "cfn-lint"), "template.yaml")),
        Check("imports", "who imports whom (import-linter)", (str(BIN / "lint-imports"),)),
        Check("lint", "lint (ruff)", (str(BIN / "ruff"), "check", "--quiet", "--output-format", "concise", ".")),
        Check(
            "format",
            "layout (ruff format)",
            (str(BIN / "ruff"), "format", "--check", "--quiet", "--output-format", "concise", "."),
            "`make format` does it.",
        ),
    ]
    if CONSOLE.exists():
        script = (python, "-m", "local.setup.npm_script")
        found.insert(1, Check("web-types", "console: types (tsc)", (*script, "typecheck")))
        found.insert(2, Check("web-lint", "console: lint (eslint)", (*script, "lint")))
    return found


def run_check(check: Check) -> tuple[int, str, float]:
    """Exit status, everything it said, seconds."""
    began = time.monotonic()
    try:
        ended = subprocess.run(
            check.command,
            cwd=ROOT,
            env={**os.environ, "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=LONGEST,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return 1, f"did not end within {LONGEST:.0f} s", time.monotonic() - began
    return ended.returncode, ended.stdout.strip(), time.monotonic() - began


def run(names: list[str]) -> int:
    known = checks()
    if unknown := [name for name in names if name not in {check.name for check in known}]:
        print(f"There is no check {unknown[0]}; known are {', '.join(check.name for check in known)}.", file=sys.stderr)
        return 2
    chosen = [check for check in known if not names or check.name in names]
    began, failed = time.monotonic(), 0
    width = max(len(check.title) for check in chosen)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for check, (status, said, seconds) in zip(chosen, pool.map(run_check, chosen), strict=True):
            print(f"  {check.title:<{width}}  {'ok' if status == 0 else 'FAILED':<6} {seconds:6.1f} s", flush=True)
            if status != 0:
                failed += 1
                print("\n".join(f"    {line}" for line in [*said.splitlines(), check.advice] if line), flush=True)
    total = f"{time.monotonic() - began:.1f} s"
    print(f"{len(chosen)} checks passed in {total}" if not failed else f"{failed} of {len(chosen)} failed, {total}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
