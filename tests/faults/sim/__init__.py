"""A seeded simulator of everything around the real job engine: the same seed, the same faults, the same end.

`python -m tests.faults.sim --seed N` replays one seed with a trace.
"""

from __future__ import annotations
