"""Arguments to ask a function for: every exponent, the places where something changes, and hard cases."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from exact import EXPONENTS

# sin and cos come nearest to 0 (of all float64) at the first; the others are multiples of pi / 2 up to a few bits.
NEAR_MULTIPLES = [
    6381956970095103.0 * 2.0**797,
    2.0**1023,
    1.5707963267948966,
    3.141592653589793,
    5.319372648326541e255,
    16367173.0 * 2.0**72,
    1e22,
    573204.0,
    1073741823.9,
    1073741824.5,
]

RANGES: dict[str, tuple[tuple[float, float], ...]] = {
    "exp": ((-746, 710), (-1, 1), (-88, 89)),
    "exp2": ((-1076, 1025), (-1, 1), (-150, 129)),
    "expm1": ((-40, 710), (-1, 1), (-0.1, 0.1)),
    "log": ((0.5, 2), (0.99, 1.01), (0, 100)),
    "log2": ((0.5, 2), (0.99, 1.01), (0, 100)),
    "log10": ((0.5, 2), (0.99, 1.01), (0, 100)),
    "log1p": ((-1, 1), (-0.01, 0.01), (0, 100)),
    "sin": ((-10, 10), (-1e5, 1e5), (-1e9, 2e9)),
    "cos": ((-10, 10), (-1e5, 1e5), (-1e9, 2e9)),
    "tan": ((-10, 10), (-1e5, 1e5), (-1e9, 2e9)),
    "asin": ((-1, 1), (0.49, 0.51), (0.99, 1)),
    "acos": ((-1, 1), (0.49, 0.51), (0.99, 1)),
    "atan": ((-10, 10), (0.4, 0.43), (2.3, 2.5)),
    "sinh": ((-711, 711), (-1, 1), (-90, 90)),
    "cosh": ((-711, 711), (-1, 1), (-90, 90)),
    "tanh": ((-20, 20), (-1, 1), (-0.1, 0.1)),
    "asinh": ((-10, 10), (-1, 1), (1e7, 1e9)),
    "acosh": ((1, 1.01), (1, 20), (1e7, 1e9)),
    "atanh": ((-1, 1), (-0.1, 0.1), (0.99, 1)),
    "cbrt": ((-10, 10), (0.3, 3), (0.999, 1.001)),
    **dict.fromkeys(EXPONENTS, ((-3, 3), (0, 100), (1, 4))),
}


def patterns(rng: np.random.Generator, dtype: Any, count: int) -> Any:
    """Any finite numbers, all exponents alike."""
    integer = {np.float64: np.uint64, np.float32: np.uint32}[dtype]
    limit = np.iinfo(integer).max
    numbers = rng.integers(0, limit, count, dtype=integer, endpoint=True).view(dtype)
    return numbers[np.isfinite(numbers)]


def arguments(function: str, dtype: Any, count: int, seed: int = 0) -> Any:
    """About so many arguments for a function of one number."""
    rng = np.random.default_rng([seed, sum(map(ord, function))])
    ranges = RANGES[function]
    found = [patterns(rng, dtype, count // 4)]
    found += [rng.uniform(low, high, count // (2 * len(ranges))) for low, high in ranges]
    near_one = 1 + rng.normal(size=count // 8) * 10.0 ** rng.integers(-16, 0, count // 8)
    sizes = 10.0 ** rng.uniform(-20, 10, count // 8)
    multiples = rng.integers(-(10**6), 10**6, count // 16) * (math.pi / 4)
    ends = [np.finfo(dtype).tiny, np.finfo(dtype).smallest_subnormal, np.finfo(dtype).max]
    found += [near_one, -near_one, sizes, -sizes, multiples, np.arange(-40, 40) / 2, NEAR_MULTIPLES, ends]
    with np.errstate(over="ignore", under="ignore"):
        joined = np.concatenate(found).astype(dtype)
    return joined[np.isfinite(joined)]


def pairs(function: str, dtype: Any, count: int, seed: int = 0) -> tuple[Any, Any]:
    """About so many pairs for a function of two."""
    rng = np.random.default_rng([seed, sum(map(ord, function))])
    first, second = (patterns(rng, dtype, count // 4) for _ in range(2))
    size = min(first.size, second.size)
    xs, ys = [first[:size]], [second[:size]]
    part = count // 8
    if function == "pow":
        near = np.abs(1 + rng.normal(size=2 * part) * 10.0 ** rng.integers(-12, 0, 2 * part))
        xs += [near, np.exp(rng.uniform(-20, 20, part)), rng.integers(-30, 30, part), rng.uniform(0, 10, 2 * part)]
        # Up to where the result leaves the range.
        with np.errstate(divide="ignore"):
            ys += [rng.uniform(-1, 1, 2 * part) * np.minimum(750 / np.abs(np.log(near)), 1e300)]
        ys += [rng.uniform(-40, 40, part), rng.integers(-40, 40, part), rng.uniform(-3, 3, 2 * part)]
    else:
        angle = rng.uniform(-math.pi, math.pi, 2 * part)
        xs += [np.sin(angle), rng.normal(size=2 * part), rng.integers(-9, 9, part) + 0.0]
        ys += [np.cos(angle), rng.normal(size=2 * part) * 10.0 ** rng.integers(-10, 10, 2 * part)]
        ys += [rng.integers(-9, 9, part) + 0.0]
    with np.errstate(over="ignore", under="ignore"):
        x, y = np.concatenate(xs).astype(dtype), np.concatenate(ys).astype(dtype)
    finite = np.isfinite(x) & np.isfinite(y)
    return x[finite], y[finite]
