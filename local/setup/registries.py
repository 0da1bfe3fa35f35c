"""Hands pip's configuration of this machine to uv, which does not read it. Nothing of it is ever written to a file."""

from __future__ import annotations

import configparser
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

# pip's option -> uv's variable. pip separates several values by white space; UV_FIND_LINKS wants commas.
INDEX = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX", "trusted-host": "UV_INSECURE_HOST"}
OTHER = {"cert": "SSL_CERT_FILE", "default-timeout": "UV_HTTP_TIMEOUT", "timeout": "UV_HTTP_TIMEOUT"}
OLDER_NAMES = {"UV_DEFAULT_INDEX": "UV_INDEX_URL", "UV_INDEX": "UV_EXTRA_INDEX_URL"}


def uv_settings(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Variables for uv's processes, from PIP_* and pip's files. A variable that the user has set for uv wins."""
    options = {**_pip_files(), **_pip_variables(environ)}
    # pip looks through all indexes alike; the hashes of the lock files keep that safe.
    found = {"UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1", "UV_INDEX_STRATEGY": "unsafe-best-match"}
    for option, variable in {**OTHER, **INDEX}.items():
        if value := options.get(option):
            found[variable] = " ".join(value.split())
    if links := options.get("find-links"):
        found["UV_FIND_LINKS"] = ",".join(links.split())
    return {
        name: value
        for name, value in found.items()
        if name not in environ and OLDER_NAMES.get(name, name) not in environ
    }


def certificates() -> str:
    """The file of certificate authorities that this machine's package clients trust, if one is configured."""
    return os.environ.get("SSL_CERT_FILE") or uv_settings().get("SSL_CERT_FILE", "")


def _pip_variables(environ: Mapping[str, str]) -> dict[str, str]:
    return {
        name.removeprefix("PIP_").lower().replace("_", "-"): value
        for name, value in environ.items()
        if name.startswith("PIP_") and value
    }


def _pip_files() -> dict[str, str]:
    """`pip config list` where pip is there (it knows every place); otherwise the usual places."""
    asked = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    if asked.returncode == 0:
        return _from_listing(asked.stdout)
    places = [Path("/etc/pip.conf"), Path.home() / ".config/pip/pip.conf", Path.home() / ".pip/pip.conf"]
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(places)
    sections = [section for section in ("global", "install") if parser.has_section(section)]
    return {option.replace("_", "-"): value for section in sections for option, value in parser.items(section)}


def _from_listing(listing: str) -> dict[str, str]:
    """Lines are `global.index-url='https://…'`; what pip read from variables is `:env:.…` and comes from them."""
    options: dict[str, str] = {}
    for line in listing.splitlines():
        name, found, value = line.partition("=")
        section, _, option = name.partition(".")
        if found and section in ("global", "install", "user", "site"):
            options[option.replace("_", "-")] = value.strip().strip("'\"").replace("\\n", " ")
    return options
