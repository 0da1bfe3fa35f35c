"""What a job costs: prices of one day, sums without rounding errors, and an honest blank where no price is known."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bai import meter, prices

FILE = json.loads((Path(prices.__file__).with_name("prices.json")).read_text())


def test_a_cost_is_the_sum_of_its_lines_to_eight_decimals() -> None:
    units = {"lambda_gb_seconds": 1.5, "lambda_requests": 1, "sqs_requests": 3, "searches": 2}
    assert prices.cost(units) == Decimal("0.01002170")  # 0.0000200001 + 0.0000002 + 0.0000015 + 0.01
    assert prices.cost({}) == 0 and prices.lines({}) == []
    assert prices.cost({"sqs_requests": 1}) == Decimal("0.0000005")


def test_lines_come_dearest_first_and_what_has_no_price_last() -> None:
    units = {
        "sqs_requests": 3,
        "model_input_tokens:my-own": 900.0,
        "searches": 1,
        "model_output_tokens:gpt-5-mini": 1000,
    }
    assert prices.lines(units) == [
        {"unit": "searches", "quantity": 1, "usd": 0.005},
        {"unit": "model_output_tokens:gpt-5-mini", "quantity": 1000, "usd": 0.002},
        {"unit": "sqs_requests", "quantity": 3, "usd": 0.0000015},
        {"unit": "model_input_tokens:my-own", "quantity": 900.0, "usd": None},
    ]
    assert prices.cost(units) == Decimal("0.0070015")  # what is not known is in no sum


def test_a_model_is_known_by_its_name_and_by_a_dated_snapshot_of_it() -> None:
    def usd(model: str) -> object:
        return prices.lines({f"model_input_tokens:{model}": 1_000_000})[0]["usd"]

    assert (usd("gpt-4o-mini"), usd("gpt-4o-mini-2024-07-18"), usd("amazon.nova-lite-v1:0")) == (0.15, 0.15, 0.06)
    assert [usd(name) for name in ("", "gpt-4o-mini-large", "2024-07-18", "gpt", "units", "x\ny")] == [None] * 6


@pytest.mark.parametrize("unit", ["lambda_minutes", "", "model_tokens:gpt-5-mini", "model_input_tokens"])
def test_a_unit_of_another_release_is_shown_without_a_price(unit: str) -> None:
    """A job that metered it must still be able to end."""
    assert prices.cost({"searches": 1, unit: 1}) == prices.cost({"searches": 1})
    assert {"unit": unit, "quantity": 1, "usd": None} in prices.lines({"searches": 1, unit: 1})


def test_every_price_is_exact_positive_and_says_where_it_is_from() -> None:
    assert date.fromisoformat(prices.as_of()) <= datetime.now(UTC).date()
    entries: list[tuple[dict[str, Any], tuple[str, ...]]] = [(entry, ("usd",)) for entry in FILE["units"].values()]
    entries += [(entry, ("input", "output")) for entry in FILE["models"].values()]
    for entry, fields in entries:
        assert set(entry) == {*fields, "per", "source"}
        assert all(isinstance(entry[field], str) and Decimal(entry[field]) > 0 for field in fields)
        assert (
            entry["per"] in (1, 1000, 1_000_000) and len(entry["source"].split()) >= 3 and "http" not in entry["source"]
        )


def test_the_meter_adds_up_until_a_new_attempt_starts() -> None:
    meter.start()
    meter.add("searches", 1)
    meter.add("searches", 2)
    meter.add("images", 0.5)
    used = meter.used()
    meter.add("images", 1)
    assert used == {"searches": 3, "images": 0.5}
    meter.start()
    assert meter.used() == {}


def test_the_price_file_is_read_on_first_use_only() -> None:
    script = (
        "import sys; sys.path.insert(0, 'layers/shared'); from bai import meter, prices; "
        "before = prices._file.cache_info().currsize; prices.as_of(); print(before, prices._file.cache_info().currsize)"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.split() == ["0", "1"]
