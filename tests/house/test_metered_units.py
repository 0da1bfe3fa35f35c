"""Every unit that the code meters has its place in prices.json: an unknown one would keep a job from ending."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from bai import prices
from tests.house.source_tree import modules, tree_of

# It counts what every attempt uses in a dictionary of its own.
_ATTEMPTS = "bai.jobs.attempts"


def metered() -> Iterator[tuple[str, str]]:
    """(module, unit) of each `meter.add(unit, …)`; variables in it are an ellipsis."""
    for name in modules():
        for node in ast.walk(tree_of(name)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "meter.add":
                yield name, _spelt(node.args[0])
            elif name == _ATTEMPTS and isinstance(node, ast.Subscript) and ast.unparse(node.value) == "units":
                yield name, _spelt(node.slice)


def _spelt(unit: ast.expr) -> str:
    if isinstance(unit, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in unit.values)
    assert isinstance(unit, ast.Constant), f"write the unit where it is metered, not {ast.unparse(unit)}"
    return str(unit.value)


def test_the_look_finds_what_is_metered() -> None:
    assert {"lambda_gb_seconds", "lambda_requests", "sqs_requests", "socket_messages", "s3_puts"} <= {
        unit for _, unit in metered()
    }


@pytest.mark.parametrize(("name", "unit"), sorted(set(metered())))
def test_every_metered_unit_is_a_unit_of_the_price_file(name: str, unit: str) -> None:
    prices.cost({unit: 1})
