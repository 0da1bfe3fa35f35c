"""Builds web/console: Node.js of the machine or from the package registry, npm with the machine's own configuration."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from . import pythons, registries, stamps
from .steps import ROOT, Progress

WEB = ROOT / "web"
CONSOLE = WEB / "console"
MODULES = CONSOLE / "node_modules"
OLDEST_NODE = 20
NOT_SOURCES = {"node_modules", "dist", "coverage", "test-results"}
NPM = ["npm", "--no-audit", "--no-fund", "--no-update-notifier"]


def exists() -> bool:
    return (CONSOLE / "package.json").is_file()


def packages_ready() -> bool:
    return stamps.read(MODULES / ".made-from") == _packages_key() and MODULES.is_dir()


def built() -> bool:
    return packages_ready() and stamps.read(MODULES / ".built-from") == _sources_key() and _index().is_file()


def install_packages(progress: Progress) -> None:
    if packages_ready():
        return
    path = node_environment(progress)
    locked = (CONSOLE / "package-lock.json").is_file()
    with progress.step("Console's packages (npm)"):
        advice = "Is the npm registry reachable? `make setup` tries again."
        progress.run([*NPM, "ci" if locked else "install"], cwd=CONSOLE, env=path, advice=advice)
        stamps.write(MODULES / ".made-from", _packages_key())


def build(progress: Progress) -> None:
    """Type-checks and bundles the console when its sources changed."""
    if built():
        return
    install_packages(progress)
    key = _sources_key()
    with progress.step("Console (web/console)"):
        progress.run([*NPM, "run", "build"], cwd=CONSOLE, env=node_environment(progress))
        stamps.write(MODULES / ".built-from", key)


def _index() -> Path:
    return CONSOLE / "dist" / "index.html"


def _packages_key() -> str:
    return stamps.fingerprint([CONSOLE / "package.json", CONSOLE / "package-lock.json"], str(ROOT))


def _sources_key() -> str:
    return stamps.fingerprint(_sources(WEB), str(ROOT))


def _sources(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in NOT_SOURCES]
        yield from (Path(parent, name) for name in files)


def node_environment(progress: Progress) -> dict[str, str]:
    """A PATH whose `node` is recent enough, and the certificates that pip was told to trust."""
    authority = registries.certificates()
    trusted = {"NODE_EXTRA_CA_CERTS": authority} if authority and "NODE_EXTRA_CA_CERTS" not in os.environ else {}
    ours = {"PATH": f"{pythons.VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}", **trusted}
    if shutil.which("npm") and _major("node") >= OLDEST_NODE:
        return trusted
    if _major(str(pythons.VENV / "bin" / "node")) < OLDEST_NODE:
        with progress.step("Node.js (from the Python registry)"):
            pythons.add_to_project(progress, "node")
    return ours


def _major(node: str) -> int:
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return 0
    version = re.match(r"v(\d+)\.", said.stdout)
    return int(version[1]) if version and said.returncode == 0 else 0
