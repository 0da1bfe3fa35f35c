"""What metered units cost, by the prices of one day in prices.json. Refuses to know what was bought, or to guess.

What the file does not name (a model, a unit of another release) has no price: it is shown, its dollars are unknown and in
no sum. The file is read on first use.
"""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

# A millionth of a cent, the precision of jobs.cost_usd: one SQS request is fifty of it.
_PRECISION: Final = Decimal("0.00000001")
_TOKENS: Final = re.compile(r"model_(input|output)_tokens:(.*)", re.DOTALL)
_SNAPSHOT: Final = re.compile(r"-\d{4}-\d{2}-\d{2}$")


def cost(units: Mapping[str, float]) -> Decimal:
    """Dollars for everything that has a price, to eight decimals."""
    priced = (_usd(unit, quantity) for unit, quantity in units.items())
    return sum((usd for usd in priced if usd is not None), Decimal(0)).quantize(_PRECISION)


def lines(units: Mapping[str, float]) -> list[dict[str, Any]]:
    """{unit, quantity, usd} of each unit, dearest first; `usd` is None where there is no price."""
    priced = [(unit, quantity, _usd(unit, quantity)) for unit, quantity in units.items()]
    priced.sort(key=lambda line: (line[2] is None, -(line[2] or 0), line[0]))
    return [
        {"unit": unit, "quantity": quantity, "usd": None if usd is None else float(usd.quantize(_PRECISION))}
        for unit, quantity, usd in priced
    ]


def as_of() -> str:
    """The day of the prices, as YYYY-MM-DD."""
    return str(_file()["as_of"])


def _usd(unit: str, quantity: float) -> Decimal | None:
    if tokens := _TOKENS.fullmatch(unit):
        direction, model = tokens.groups()
        models = _file()["models"]
        # OpenAI's dated snapshots cost what the model does.
        price = models.get(model) or models.get(_SNAPSHOT.sub("", model))
        return None if price is None else _times(quantity, price[direction], price["per"])
    price = _file()["units"].get(unit)
    return None if price is None else _times(quantity, price["usd"], price["per"])


def _times(quantity: float, usd: str, per: int) -> Decimal:
    return Decimal(str(quantity)) * Decimal(usd) / per


@cache
def _file() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(__file__).with_name("prices.json").read_text())
    return found
