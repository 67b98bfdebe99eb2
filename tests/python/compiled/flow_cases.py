"""Control flow: ends of loops, names that go, strings that say how a function works.

Their functions are those of a program; `compiled.cases` says what is held against CPython.
"""

from __future__ import annotations

import math

import numpy as np
from cases import case

GRID = np.linspace(0.0, 1.0, 50)


@case((10,), (30,))
def nested_else(n):
    out = []
    for k in range(2, n):
        d = 2
        while d * d <= k:
            if k % d == 0:
                break
            d += 1
        else:
            out.append(k)
            if k > 20:
                break
            continue
        out.append(-k)
    else:
        out.append(0)
    return out


@case((np.arange(5.0),), (np.zeros(5),))
def else_return(x):
    for v in x:
        if v > 3:
            break
    else:
        return "none"
    return v


def find_callee(x, t):
    for i in range(len(x)):
        if x[i] == t:
            return i
        if x[i] > 100:
            break
    else:
        return -1
    return -2


@case((np.arange(5.0), 3.0), (np.arange(5.0), 9.0), (np.array([1.0, 200, 3]), 3.0))
def else_callee(x, t):
    s = 0
    for k in range(3):
        s += find_callee(x, t) * (k + 1)
    return s


@case(
    (np.arange(5), 3),
)
def else_raises(x, n):
    for i in range(n + 4):
        if x[i] == 77:
            break
    else:
        x[0] = 1
    return x


@case((np.arange(5), 7), (np.arange(5), 2))
def walrus_while(x, n):
    i = -1
    tot = 0
    while (i := i + 1) < n:
        if i == 1:
            continue
        tot += x[i]
    else:
        tot += 1000
    return tot, i


@case((3,), (0,))
def del_raise(n):
    for i in range(n):
        t = i * 2
        if i == 2:
            del t
    return t


@case((3,), (0,))
def del_twice(n):
    t = 1
    for _ in range(n):
        del t
    return 5


def kernel_of(u, kind="gauss", h=1.0):
    if kind == "gauss":
        return math.exp(-0.5 * u * u) / h
    elif kind in ("box", "uniform"):
        return 0.5 / h if abs(u) <= 1 else 0.0
    elif kind in {"tri", "triangle"}:
        return max(0.0, 1 - abs(u))
    raise ValueError(f"unknown kernel {kind!r}")


@case((GRID, "gauss"), (GRID, "box"), (GRID, "triangle"), (GRID, "zzz"), (GRID, None), (GRID, 3))
def kde(x, kind):
    s = 0.0
    for i in range(len(x)):
        s += kernel_of(x[i] - 0.5, kind=kind, h=2.0)
    return s


@case((GRID, None), (GRID, "mean"), (GRID, "sum"))
def reduce_mode(x, mode):
    if mode is None:
        mode = "mean"
    s = 0.0
    for v in x:
        s += v
    if mode != "sum":
        s /= len(x)
    if not mode:
        s = 0.0
    return s, mode


@case((GRID, "bad"), (GRID[:3], "edge"), (np.zeros(0), "edge"))
def frame_with_text(x, mode):
    out = mode
    if mode == "edge":
        return x[len(x)], out
    return x[10**9], out


@case((GRID, "a" * 50), (GRID, "\ud800"), (GRID, "é"), (GRID, ""))
def odd_text(x, mode):
    if mode == "é":
        return 1
    if mode:
        return 2
    return x[0] + 3


MODE = "fast"


@case((GRID,))
def global_mode(x):
    s = 0.0
    for v in x:
        if MODE == "fast":
            s += v
        else:
            s -= v
    return s, MODE


@case((np.arange(20), 2.5), (np.arange(20), 3))
def number_in(k, y):
    c = 0
    for i in range(len(k)):
        if k[i] in (1, 5, 7):
            c += 1
        elif k[i] not in {2, 3.0}:
            c += 10
    return c, y in (1, 2.5), y in {3, None}, y not in (None, "a")


class S:
    def __init__(self, mode):
        self.mode, self.n = mode, 3

    def __eq__(self, o):
        return type(o) is S and o.mode == self.mode

    __hash__ = None


@case((S("a"), GRID), (S("b"), GRID))
def attr_mode(self, x):
    s = 0.0
    for v in x:
        if self.mode == "a":
            s += v
        else:
            s -= v
    return s


@case((S("a"), GRID), (S("b"), GRID))
def attr_mode_store(self, x):
    s = 0.0
    for i in range(len(x)):
        if self.mode == "a":
            s += x[i]
            self.mode = "b"
        else:
            s -= x[i]
        if i == 3:
            self.mode = "a"
            self.n += 1
    return s


@case((np.arange(3.0), "x"))
def many(x, m):
    s = 0
    for v in x:
        s += v
    return s, m
