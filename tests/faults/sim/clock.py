"""The simulated clock: one number for Python, the database and every fake. Moves only when the scheduler moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(2027, 1, 1, tzinfo=UTC)


class Clock:
    """Stands in for bai.clock.now and for the module `time` where the suite reads it."""

    def __init__(self) -> None:
        self.moment = EPOCH

    def start_at(self, number: int) -> None:
        """Each seed lives in days of its own, so that nothing of another seed is due in them."""
        self.moment = EPOCH + timedelta(days=3 * (number % 500_000))

    def now(self) -> datetime:
        return self.moment

    def time(self) -> float:
        return self.moment.timestamp()

    def time_ns(self) -> int:
        return int(self.moment.timestamp() * 1_000) * 1_000_000

    def monotonic(self) -> float:
        return self.moment.timestamp()

    def forward(self, seconds: float) -> None:
        self.moment += timedelta(seconds=max(seconds, 0.0))

    def forward_to(self, moment: datetime) -> None:
        self.moment = max(self.moment, moment)
