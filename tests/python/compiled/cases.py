"""Functions by topic, each with the arguments that it is called with.

A case is compiled unless it says that Python runs it (`in_python=True`), so a function that falls back fails its test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass
class Case:
    """A function, its arguments, and how its results are held against Python's."""

    function: Callable[..., Any]
    arguments: list[tuple[Any, ...]]
    ulp: int = 0
    in_python: bool = False


CASES: list[Case] = []

# Results of sums: NumPy and compiled code may add in another order.
ROUNDING = 1 << 20

ten = np.arange(10.0)
nan = float("nan")


def case(*arguments: tuple[Any, ...], ulp: int = 0, in_python: bool = False) -> Callable[[Any], Any]:
    def add(function: Any) -> Any:
        CASES.append(Case(function, list(arguments), ulp, in_python))
        return function

    return add


# Loops and what they leave behind.


@case((ten,), (ten[:0],), (ten[::2],), (np.array([nan, 2.0, 1.0]),))
def largest_by_hand(x):
    m = -1e300
    for v in x:
        if v > m:
            m = v
    return m


@case((ten, 4), (ten, 40), (ten[:0], 1))
def first_above(x, bound):
    for i in range(len(x)):
        if x[i] > bound:
            return i
    return -1


@case((ten,), (ten[:0],))
def total_keeps_its_type(x):
    s = 0
    for i in range(len(x)):
        s += x[i]
    return s


@case((ten,), (ten[:3],))
def index_afterwards(x):
    for i in range(len(x)):
        if i == 5:
            break
    else:
        i = -i
    return i


@case((12, 18), (17, 5), (0, 4), (2**62, 2**61 + 2), (-12, 18))
def common_divisor(a, b):
    while b:
        a, b = b, a % b
    return a


@case((1,), (27,), (97,))
def collatz(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    else:
        steps += 1000
    return steps


@case((ten, 3), (ten, 0), (ten, -2), (ten, 2**62))
def blocks(x, width):
    s = 0.0
    for start in range(0, len(x), width):
        for i in range(start, min(start + width, len(x))):
            s += x[i] * start
    return s


@case((ten,), (ten[:1],), (ten[:0],))
def backwards(x):
    y = x.copy()
    for i in range(len(x) - 1, -1, -1):
        y[len(x) - 1 - i] = x[i]
    return y


@case((ten,), (ten[::-1],), (ten[:0],))
def zipped(x):
    s = 0.0
    for k, (a, b) in enumerate(zip(x, x[1:])):  # noqa: RUF007
        s += (b - a) * k
    return s


@case((ten,))
def continued(x):
    s = 0.0
    for i, v in enumerate(x):
        if i % 3 == 0:
            continue
        s += v
    else:
        s *= 2
    return s


# Exits and exceptions.


@case((ten, 3), (ten, -1), (ten, -10), (ten, -11), (ten, 10), (ten, 2**62))
def element(x, i):
    s = 0.0
    for _ in range(1):
        s += x[i]
    return s


@case((ten.copy(), 20), (ten.copy(), 5))
def stores_until_it_raises(x, n):
    for i in range(n):
        x[i] = i * 2
    return x


@case((7, -3), (-7, 3), (7, 0), (-(2**63), -1), (0, -5), (2**63 - 1, 2))
def int_divisions(a, b):
    q = 0
    for _ in range(1):
        q = a // b
    return q, a % b, a / b, divmod(a, b)


@case((7.5, -3.2), (1.0, 0.0), (nan, 1.0), (-0.0, 3.0), (1e308, 1e-10), (float("inf"), 2.0))
def float_divisions(a, b):
    q = 0.0
    for _ in range(1):
        q = a // b
    return q, a % b, a / b


@case((2**62, 3), (2**62, 1), (-(2**62), 3), (1, 70))
def doubles_beyond_64_bits(n, k):
    for _ in range(k):
        n = n + n
    return n


@case((2**31, 2), (2**32, 3), (-3, 5))
def product_beyond_64_bits(n, k):
    p = 1
    for _ in range(k):
        p = p * n
    return p


@case((ten.copy(), 3), (ten.copy(), 12), (ten.copy(), -12))
def prints_and_raises(x, n):
    for i in range(4):
        x[i] += 1
        print("row", i, x[i])
    x[n] = 5.0
    print("done")
    return x[n]


@case((np.array([1.0, 4.0, -9.0]),), (np.array([1.0, 4.0]),))
def root_of_a_negative(x):
    import math

    s = 0.0
    for i in range(len(x)):
        s += math.sqrt(x[i])
    return s


@case((np.array([1.0, 0.0, 2.0]),), (np.array([1.0, nan]),), (np.array([0.0]),))
def division_by_zero_warns(x):
    s = 0.0
    for i in range(len(x)):
        s += 1.0 / x[i]
    return s


@case((np.array([1.0, 0.0, 2.0]), 1), (np.array([1.0, 0.0]), 5))
def warns_before_it_raises(x, j):
    s = 0.0
    for i in range(len(x)):
        s += 1.0 / x[i]
    return s, x[j]


@case((np.array([1, 0, 2]),), (np.array([1, 2]),))
def integer_division_by_zero_warns(x):
    s = 0
    for i in range(len(x)):
        s += 10 // x[i]
    return s


@case((ten, True), (ten, False))
def name_that_is_not_bound(x, flag):
    for i in range(len(x)):
        if flag:
            y = x[i]
    return y


@case((3, ten), (0, ten), (30, ten))
def raises_by_itself(n, x):
    s = 0.0
    for i in range(n):
        if i == len(x):
            raise ValueError("too far")
        s += x[i]
    return s


# Stores, and numbers that do not fit.


@case(
    *[
        (np.zeros(4, d), np.array([v, 1.0, 2.0, 3.0]))
        for d in ("i1", "i4", "i8", "u1", "u8", "f2", "f4", "c8", "?")
        for v in (7.9, -3.5)
    ],
    *[
        (np.zeros(4, d), np.array([1.0, v]))
        for d in ("i1", "i2", "i4", "i8")
        for v in (nan, float("inf"), 300.7, 1e10, 1e30)
    ],
)
def stores_floats(out, x):
    for i in range(len(x)):
        out[i] = x[i]
    return out


@case(
    *[
        (np.zeros(3, d), np.array([1, v, 2], s))
        for d in ("i1", "i2", "i8", "u1", "u4", "u8")
        for s, v in (("i8", 300), ("i8", -1), ("u8", 2**64 - 1), ("u2", 65535), ("i4", -(2**31)))
    ]
)
def stores_integers(out, x):
    for i in range(len(x)):
        out[i] = x[i]
    return out


@case((np.zeros(2, "i1"), 127), (np.zeros(2, "i1"), 128), (np.zeros(2, "u1"), -1), (np.zeros(2, "u8"), 2**62))
def stores_python_ints(out, n):
    for i in range(len(out)):
        out[i] = n + i
    return out


@case((np.arange(5, dtype="i1"), np.array([0, 1, 2, 100, 0], "i1")), (np.arange(4), np.array([1, 0, 2, 3])))
def divides_in_place(out, x):
    for i in range(len(x)):
        out[i] /= x[i]
    return out


@case((np.zeros(4, "i1"), np.array([300, -1, nan, 5.5])), (np.zeros(4, "u1"), np.array([1.0, 2.0, 3.0, 4.0])))
def whole_arrays_are_cast(out, x):
    out[:] = np.where(x == x, x, 0.0) % 100
    return out


# Scalars of NumPy.


@case(
    (np.int8(100), np.int8(100)),
    (np.int8(1), np.int8(2)),
    (np.uint8(3), np.uint8(5)),
    (np.int64(2**62), np.int64(2**62)),
)
def small_scalars(a, b):
    s = a
    for _ in range(1):
        s = a + b
    return s, a - b, a * b


@case(
    (np.int8(3), np.uint64(7)),
    (np.float32(2), 1),
    (1.5, np.int8(1)),
    (np.float16(1), np.float64(1)),
    (np.bool_(True), 2),
)
def smaller_of_two_types(a, b):
    s = 0
    for _ in range(2):
        s += 1
    return min(a, b), max(a, b), s


@case((np.float16(2.5),), (np.float32(nan),), (np.float64(1e300),), (np.float16("inf"),), (np.int8(5),))
def rounds(a):
    s = 0
    for _ in range(2):
        s += round(a)
    return s


@case(*[(k, np.int8(3), np.uint64(7)) for k in range(7)], *[(k, 1, 2.5) for k in range(7)])
def many_types(which, a, b):
    for _ in range(which):
        which += 0
    if which == 0:
        return a - b
    if which == 1:
        return a / b
    if which == 2:
        return a < b
    if which == 3:
        return a is b
    if which == 4:
        return a, b
    if which == 5:
        return "text"


# Arrays: views, orders, aliases.


@case((np.arange(12.0).reshape(3, 4),), (np.asfortranarray(np.arange(12.0).reshape(3, 4)),), (np.zeros((0, 3)),))
def transposed_by_hand(a):
    n, m = a.shape
    out = np.zeros((m, n))
    for i in range(n):
        for j in range(m):
            out[j, i] = a[i, j]
    return out


both = np.arange(10.0)


@case((both, both), (both[1:], both[:-1]), (both[:-1], both[1:]), (both, both[::-1]), (both[::2], both[1::2]))
def overlapping(x, y):
    for i in range(len(x)):
        x[i] = y[i] + 1
    return x


@case((both, both), (both[1:], both[:-1]), (both[:-1], both[1:]), (both, both[::-1]))
def overlapping_whole(x, y):
    for _ in range(2):
        x[:] = y + x
    return y


@case((ten.copy(),), (ten.copy()[::2],), (ten.copy()[::-1],))
def views_of_arguments(x):
    for i in range(2):
        x[i] = 7
    return x[1:4], x[::-1], x, np.real(x), x[2]


read_only = np.arange(5.0)
read_only.flags.writeable = False


@case((read_only,), in_python=True)
def writes_what_is_read_only(x):
    for i in range(len(x)):
        x[i] = 1.0
    return x


@case((ten.copy(),))
def swaps(x):
    i, j = 0, len(x) - 1
    while i < j:
        x[i], x[j] = x[j], x[i]
        i += 1
        j -= 1
    return x


@case((np.arange(20, dtype="i4"),), (np.arange(20, dtype="u1"),), (np.arange(-5, 5, dtype="i8"),))
def counts(x):
    c = np.zeros(5, dtype=np.int64)
    for i in range(len(x)):
        c[x[i] % 5] += 1
    return c


@case((np.array([3, 1, 2]), ten), (np.array([3, -1]), ten), (np.array([30]), ten), (np.array([], "i8"), ten))
def gathers(index, x):
    s = 0.0
    for i in index:
        s += x[i]
    return s, x[index]


@case((np.array([1.0, nan, 3.0]),), (np.array([[1.0, 2.0]]),), (np.array([5, 1, 7]),), ulp=ROUNDING)
def reductions(x):
    for _ in range(1):
        s = x.sum()
    return s, x.max(), x.min(), x.mean(), np.sum(x * x)


@case((np.array([1.0, nan, 3.0, -2.0] * 5),))
def comparisons_of_nan_are_quiet(x):
    n = 0
    for v in x:
        if v > 1:
            n += 1
    return n, x > 1, np.maximum(x, 1.0), np.sign(x), np.where(x < 0, -x, x)


@case((np.arange(6, dtype="f4"),), (np.arange(6, dtype="f2"),), (np.arange(6) + 1j,), ulp=4)
def other_floats(x):
    s = x[0]
    for v in x:
        s = s + v * v
    return s, x * 2.5


@case((ten, 0.5, 3), ulp=8)
def elementary(x, a, n):
    import math

    y = np.empty_like(x)
    for i in range(len(x)):
        y[i] = math.exp(-a * x[i]) * np.sin(x[i]) + x[i] ** n
    return y, np.exp(-x) + np.log1p(x)


@case(
    *[
        (a, b)
        for a in (1 + 2j, complex(-0.0, 0.0), complex(float("inf"), nan), 1e308 + 1e308j, complex(3.0, -4.0))
        for b in (2j, 3 + 0j, 0j, -1.5 + 0.25j, complex(nan, 1.0), complex(1e-320, -1e-320), 2.5, 0)
    ]
)
def complex_numbers(a, b):
    s = 0j
    for i in range(2):
        s = s + complex(i, -2.5) * a
    return s, abs(a), abs(a * b) > 2, a / b


@case(
    (1, 2), (2**53 + 1, -0.0), (True, np.float32(0.1)), (np.int8(-3), np.float64(nan)), (1j, 2), (np.uint64(7), False)
)
def complex_of_parts(re, im):
    z = 0
    for _ in range(1):
        z = complex(re, im)
    return z


@case((ten,), (-ten,), (ten[:0],))
def returns_at_the_end_of_a_loop(x):
    for i in range(len(x)):
        if x[i] >= 0 and i < 3:
            continue
        return i, x[i]
    return -1


@case((6, 5), (6, 0), (0, 3))
def names_bound_in_loops(n, count):
    out = np.zeros(n, np.int32)
    for i in range(n):
        for k in range(count):
            if k * k > i:
                break
        out[i] = k
        last = k
    return out, last


BIG = 2**63 // 1000 - 5


@case((1, BIG, 40), (2, BIG, 40), (3, 5, 40))
def tests_that_draw(seed, k, n):
    rng = np.random.default_rng(seed)
    c = 0
    for i in range(n):
        k = k + 1
        if rng.random() > k * 1000 and c >= 0:
            c += i
        elif rng.random() < 0.5 or k * 1000 < 7:
            c += 1
        elif k * 1001 > 0:
            c += 100
        while rng.random() < 0.3 and k * 1000 > 0:
            c += 1
        for j in range(int(rng.random() * 3) + 0 * (k * 1000)):
            c += j
    return c, rng.random()
