"""What one attempt of a job used, by unit of prices.json: collected here, read when the attempt ends.

One accumulator per execution environment, which runs one thing at a time. Refuses to know prices.
"""

_used: dict[str, float] = {}


def start() -> None:
    """Forgets what was counted: a new attempt begins."""
    _used.clear()


def add(unit: str, quantity: float) -> None:
    _used[unit] = _used.get(unit, 0.0) + quantity


def used() -> dict[str, float]:
    """What was counted since `start`."""
    return dict(_used)
