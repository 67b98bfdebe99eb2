"""What random programs are called with: arrays of many dtypes and layouts, and numbers.

    arguments(layouts, kind, draw)      [x, y, m, n, t]

`x` has one axis, `y` has ints, `m` two axes. They may be short or empty, have strides of any sign, be read-only, and
share memory. Types and layouts hang on the kind alone, so that arguments of one kind are compiled for together.
"""

from __future__ import annotations

import random
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass
class Layouts:
    """How often what is unusual is met, from 0 to 1."""

    strided: float = 0.15
    shared: float = 0.08
    read_only: float = 0.02
    short: float = 0.06
    special: float = 0.1
    x: list[str] = field(default_factory=lambda: ["float64"])
    y: list[str] = field(default_factory=lambda: ["int64"])
    m: list[str] = field(default_factory=lambda: ["float64"])
    n: list[int] = field(default_factory=lambda: [3, 0, -1, 7, 2**62, -5])
    t: list[float] = field(default_factory=lambda: [0.5, 2.0, -1.5, 0.0])


FLOATS = ["float16", "float32", "float64", "complex64", "complex128"]
INTS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]

USUAL = Layouts()
BIG_INTS = Layouts(n=[2**63 - 1, -(2**63), 2**62, 2**31, 3, 2**63 - 2, -(2**62), 3037000500])
SPECIAL = Layouts(special=0.6, t=[0.0, -0.0, 1e308, float("nan"), float("inf"), 5e-324, -2.5])
HOSTILE = Layouts(strided=0.6, shared=0.4, read_only=0.05, short=0.25)
DTYPES = Layouts(
    strided=0.3, special=0.3, x=[*FLOATS, *INTS, "bool"], y=[*INTS, "bool"], m=[*FLOATS, "int64", "int32", "bool"]
)

SPECIAL_NUMBERS = [0.0, -0.0, float("nan"), float("inf"), -float("inf"), 1e300, 5e-324, 1.0, -1.0]


def arguments(layouts: Layouts, kind: Hashable, draw: int) -> list[Any]:
    """The arguments of a kind, with the numbers of a draw."""
    layout = random.Random(repr(kind))
    numbers = np.random.default_rng([draw, layout.randrange(10**9)])

    def chance(likely: float) -> bool:
        return layout.random() < likely

    count = layout.choice([0, 1, 2]) if chance(layouts.short) else layout.choice([4, 5, 6])
    wide = layout.choice([count, 5, 6])
    shape = layout.choice([3, 4, 6]), layout.choice([4, 5, 6])
    if chance(layouts.short):
        shape = layout.choice([(0, 4), (3, 0), (1, 5), (4, 1), (1, 1)])
    x = vector(layout, layouts, floats(layouts, numbers, layout.choice(layouts.x), (count,)))
    y = vector(layout, layouts, ints(numbers, layout.choice(layouts.y), wide))
    m = matrix(layout, layouts, floats(layouts, numbers, layout.choice(layouts.m), shape))
    if chance(layouts.shared):
        x, y = shared(layout, x, y, m)
    for array in (x, y, m):
        if chance(layouts.read_only):
            array.flags.writeable = False
    return [x, y, m, layouts.n[numbers.integers(len(layouts.n))], layouts.t[numbers.integers(len(layouts.t))]]


def floats(layouts: Layouts, numbers: Any, dtype: str, shape: tuple[int, ...]) -> Any:
    made = numbers.integers(-4, 5, shape).astype(float) if numbers.random() < 0.6 else numbers.random(shape)
    if numbers.random() < layouts.special and made.size:
        places = numbers.random(shape) < 0.3
        made[places] = numbers.choice(SPECIAL_NUMBERS, int(places.sum()))
    if dtype.startswith("complex"):
        made = made + 1j * numbers.integers(-2, 3, shape)
    with np.errstate(all="ignore"):
        return made.astype(dtype)


def ints(numbers: Any, dtype: str, count: int) -> Any:
    return numbers.integers(-3, 6, count).astype(dtype)


def vector(layout: random.Random, layouts: Layouts, array: Any) -> Any:
    if layout.random() >= layouts.strided:
        return array
    if layout.random() < 0.5:
        return array[::-1].copy()[::-1]
    return np.repeat(array, 2)[::2]


def matrix(layout: random.Random, layouts: Layouts, array: Any) -> Any:
    if layout.random() >= layouts.strided:
        return array
    kind = layout.randrange(4)
    if kind == 0:
        return np.asfortranarray(array)
    if kind == 1:
        return np.repeat(array, 2, axis=0)[::2]
    if kind == 2:
        return array[:, ::-1].copy()[:, ::-1]
    return array[::-1, ::-1].copy()[::-1, ::-1]


def shared(layout: random.Random, x: Any, y: Any, m: Any) -> tuple[Any, Any]:
    """Vectors that lie in the memory of others."""
    kind = layout.randrange(4)
    flat = m.reshape(-1)
    if kind == 0 and flat.size:
        return flat[layout.randrange(3) :][: max(len(x), 1)], y
    if kind == 1 and m.shape[0]:
        return m[-1], y
    if kind == 2 and m.size:
        return m[:, 0], y
    return flat[::-1][: max(len(x), 1)] if flat.size else x, y
