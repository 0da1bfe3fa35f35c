"""Reads the tree's own sources for house tests: which module imports what, and which settings it asks for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOTS = {ROOT / "functions": "", ROOT / "layers" / "shared": "", ROOT / "migrations": ""}


@cache
def modules() -> dict[str, Path]:
    """Deployed modules by dotted name; a package is its __init__."""
    found = {}
    for root in ROOTS:
        for path in sorted(root.rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def tree_of(name: str) -> ast.Module:
    return ast.parse(modules()[name].read_text(), filename=name)


@cache
def imports_of(name: str) -> frozenset[str]:
    """Everything the module imports anywhere in it, except for type checkers only: `a.b` for `from a import b`."""
    return frozenset(_imports(tree_of(name)))


def _imports(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        return
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.name
    if isinstance(node, ast.ImportFrom):
        yield str(node.module)
        for alias in node.names:
            yield f"{node.module}.{alias.name}"
    for child in ast.iter_child_nodes(node):
        yield from _imports(child)


@cache
def reached_from(entry: str) -> frozenset[str]:
    """The deployed modules that the entry can load, now or later (lazy imports count)."""
    seen, left = set(), [entry]
    while left:
        name = left.pop()
        if name in seen or name not in modules():
            continue
        seen.add(name)
        left += imports_of(name)
    return frozenset(seen)
