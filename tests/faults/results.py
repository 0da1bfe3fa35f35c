"""What one test of the proof found, in the same form for every test of `make faults`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """`lost`: acknowledged work that is gone; `doubled`: an effect or a payment twice; `stuck`: never came to an end."""

    test: str
    runs: int
    lost: int
    doubled: int
    stuck: int
    seconds: float
    notes: str = ""

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.stuck)
