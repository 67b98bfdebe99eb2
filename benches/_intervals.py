"""Medians and the intervals in which they lie."""

from __future__ import annotations

import random
from collections.abc import Sequence
from statistics import median

RESAMPLES = 2000


def median_interval(values: Sequence[float], level: float = 0.95) -> tuple[float, float, float]:
    """The median and its bootstrap interval."""
    chance = random.Random(1)
    medians = sorted(median(chance.choices(values, k=len(values))) for _ in range(RESAMPLES))
    outside = (1 - level) / 2
    return median(values), medians[int(outside * RESAMPLES)], medians[int((1 - outside) * RESAMPLES) - 1]
