"""Planted mistakes: regions with a right rewrite and wrong ones, under one job.

What is proven about the live-ins is such that the right rewrite passes, so a wrong one is caught for its own mistake
and not for an input that never occurs.
"""

from __future__ import annotations

from planted import arrays, containers, numbers, surroundings

CASES = [*arrays.CASES, *numbers.CASES, *containers.CASES, *surroundings.CASES]
