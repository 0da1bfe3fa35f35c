"""Names that say nothing, and traces of one person's machine, stay out of the tree."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
_SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "base", "main", "misc", "core", "handlers"}
# A tool's own convention: Vite's entry is main.tsx by its template, python -m wants __main__.py.
_CONVENTIONS = {"web/console/src/main.tsx", "web/widget/src/main.ts"}
_MACHINE = re.compile(r"(?<![\w.])/(?:work|root|Users|home/(?!user\b)\w+|tmp/[a-z]/)(?=/|\b)")
_PUBLIC_HOSTS = {
    *(".".join(host) for host in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("yarnpkg", "com"))),
    *(".".join(host) for host in (("proxy", "golang", "org"), ("crates", "io"))),
}  # fmt: skip
_INDEX_ADDRESS = re.compile(r"https?://(?!\S*\.example\b)[^\s\"')]*(?:/simple\b|/-/[\w.@-]+\.tgz)|\"resolved\": \"http")
_CODE = (".py", ".ts", ".tsx", ".js", ".mjs")


@cache
def tracked() -> tuple[str, ...]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return tuple(name for name in listed.split("\0") if name and (ROOT / name).is_file())


@cache
def text_of(name: str) -> str:
    try:
        return (ROOT / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_no_module_is_called_by_a_word_that_says_nothing() -> None:
    bad = [
        name
        for name in tracked()
        if name.endswith(_CODE)
        and name not in _CONVENTIONS
        and (set(Path(name).with_suffix("").parts[-1:]) | set(Path(name).parts[:-1])) & _SAYS_NOTHING
    ]
    assert bad == []


def test_no_tracked_file_knows_a_path_of_this_machine() -> None:
    assert [name for name in tracked() if name != _OWN and _MACHINE.search(text_of(name))] == []


def test_no_tracked_file_names_a_package_index() -> None:
    """Lock files hold versions and hashes; where packages come from is each machine's own setting."""
    bad = []
    for name in tracked():
        if name == _OWN or name.startswith(("local/setup/", "tests/local/")):
            continue
        text = text_of(name)
        if _INDEX_ADDRESS.search(text) or any(host in text for host in _PUBLIC_HOSTS - {"pypi.org"}):
            bad.append(name)
    assert bad == []


_OWN = "tests/house/test_words.py"
