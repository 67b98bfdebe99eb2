"""Control flow: ends of loops, names that go, strings that say how a function works.

Their functions are those of a program; `compiled.cases` says what is held against CPython.
"""

# ruff: noqa: B007, B023, E731 - functions in functions are what is tested

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


@case((GRID, 10), (GRID, 90))
def nested_exit(x, n):
    c = 0.5

    def f(v):
        return (v - c) ** 2

    s = 0.0
    for i in range(n):
        s += f(x[i])
    return s


@case((GRID, 10), (GRID, 90))
def nested_exit_after(x, n):
    c = 0.5

    def f(v, k=2):
        return (v - c) ** k

    s = 0.0
    g = lambda u: u + c
    for i in range(10):
        s += f(x[i]) + g(x[i])
    y = x[n]
    c = 1.0
    return s + f(y) + g(y)


@case((GRID, 10), (GRID, 90))
def rebound_closure(x, n):
    c = 0.5

    def f(v):
        return (v - c) ** 2

    s = 0.0
    for i in range(n):
        s += f(x[i])
        c = c + 0.1
    return s, c


def apply(f, x):
    return f(x) + f(x + 1)


def applies(f, x):
    s = 0.0
    for v in x:
        s += f(v)
    return s


@case((GRID,))
def nested_passed(x):
    c = 0.5

    def f(v):
        return (v - c) ** 2

    s = 0.0
    for i in range(len(x)):
        s += x[i]
    return s + sum(map(f, x)) + applies(f, x) + eval("f(3)")


@case((GRID,))
def nested_called_in_piece(x):
    c = 0.5

    def f(v):
        return (v - c) ** 2

    s = 0.0
    for i in range(len(x)):
        s += x[i]
    print(f(2.0), s, sorted(x[:3], key=f))
    return s


@case((GRID,))
def nested_returned(x):
    c = 0.5

    def f(v):
        return (v - c) ** 2

    s = 0.0
    for i in range(len(x)):
        s += x[i]
    f.s = s
    return f.__name__, f(3), f.s


@case((GRID,))
def lambda_passed(x):
    c = 0.5
    f = lambda v: (v - c) ** 2
    s = 0.0
    for i in range(len(x)):
        s += x[i]
    return s + sum(map(f, x)) + applies(f, x) + applies(lambda u: u + c, x)


@case((GRID,), (GRID[:3],))
def nested_nonlocal(x):
    n = 0
    best = -1.0

    def see(v):
        nonlocal n, best
        n += 1
        if v > best:
            best = v
        return best - v

    s = 0.0
    for i in range(len(x)):
        s += see(x[i])
        if n == 40:
            s += x[i * 100]
    while n % 7:
        see(0.5)
    return s, n, best


@case((GRID,))
def nested_twice(x):
    n = 0

    def double():
        return n * 2

    def see(v):
        nonlocal n
        n += 1
        return double() + v

    s = 0.0
    for i in range(40):
        s += see(x[i])
    return s, n


@case((GRID, 3), (GRID, 90))
def alias_of_global(x, n):
    g = helper
    s = 0.0
    for i in range(40):
        s += g(x[i])
    s += x[n]
    return s, g(2.0)


def helper(v):
    return v * 2


@case((GRID, 5), (GRID, -1))
def pow_root(x, n):
    s = 0
    for k in range(n, 20):
        s += int(k**0.5) if k > 3 else 0
    return s, n**0.5


@case(([3, 1, 2], 0), ([3, 1, 2], 1))
def capture_in_loop(xs, n):
    fs = []
    s = 0
    for i in range(3):
        s += xs[i]
        if n:
            fs.append(lambda v: v + i)
    return s, [f(1) for f in fs]


@case((4,))
def sort_by(n):
    out = []
    for i in range(n):
        out.append((i * 7) % 5)
    k = 3
    return sorted(out, key=lambda v: abs(v - k)), max(out, key=lambda v: -v)


@case((0,), (3,))
def tuples_of_kinds(n):
    for i in range(n):
        pass
    if n > 2:
        return "a", i, None, ("b", n)
    return "c", i


@case((GRID, 3.0), (GRID[:0], 3.0), (GRID[:0], -1.0))
def assert_behind_opaque_part(x, t):
    m = np.zeros((2, 2))
    for _ in range(len(x) - 1, -1, -1):
        m[0, 1] = t - missing  # noqa: F821
    assert t >= np.linalg.norm(x), "bad"
    return m


@case((GRID,), (GRID[:0],))
def last_of_empty_passes(x):
    i = -1
    for i, _ in enumerate(x):
        pass
    try:
        return missing
    except NameError:
        return i


@case((GRID, 1), (GRID[:1], 0))
def last_of_empty_passes_in_a_loop(x, n):
    m = n
    for k in range(n, 3):
        for m in range(len(x)):
            pass
        if k:
            raise ValueError("last", m)
    return m


@case((GRID, np.ones(3)), (GRID[:1], np.ones(3)))
def finally_behind_an_else_that_raises(x, y):
    for v in x:
        try:
            s = x[0] + v
        except ZeroDivisionError:
            s = 1.0
        else:
            y[1] = x[missing]  # noqa: F821
        finally:
            y[0] += 5
    return s


@case((np.ones(4), np.ones(5)), (np.ones(2), np.ones((2, 3))))
def more_subscripts_than_axes(x, m):
    m[0, :3] = x[:3]
    return m
