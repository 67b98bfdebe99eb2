"""Names that are `None` at first: what is compiled does what Python does, and goes on rightly wherever it is left."""

import sys
import traceback
from pathlib import Path

import numpy as np
import pytest
from numlift import _engine, _native

sys.path.insert(0, str(Path(__file__).parents[1] / "generator"))

import leaving
import outcomes

FULL = np.array([3.0, 1.5, -0.0, 0.0, 9.0, np.nan, -4.0])
EMPTY = np.array([])


def smallest(x):
    best = None
    for v in x:
        if best is None or v < best:
            best = v
    return best


def smallest_and_where(x):
    best = where = None
    for i in range(len(x)):
        if best is None or x[i] < best:
            best, where = x[i], i
    return where, best


def pair(x):
    best = None
    for i, v in enumerate(x):
        if best is None or v < best[1]:
            best = (i, v)
    if best is None:
        return None
    i, v = best
    return i + 1, v * 2


def scaled(x, by=None):
    if by is None:
        by = 0.5
    t = 0.0
    for v in x:
        t += v * by
    return t


def first_place(x, y):
    found = None
    for i in range(len(x)):
        if x[i] == y:
            found = i
            break
    if found is not None:
        return x[found]
    return -1.0


def buffer(x, n):
    made = None
    t = 0.0
    for _ in range(n):
        made = x * 2.0 if made is None else made + x
        t += made[0]
    return t, made


def last_or_ten(x, n):
    last = None
    t = 0
    for i in range(n):
        t += last or 10
        last = i % 3
    return t, last


def raises(x, n):
    p = None
    t = 0.0
    for i in range(n):
        if i == 5:
            p = None
        elif i < 5:
            p = 1.0
        t += p
    return t


def compared(x, n):
    p = None
    count = 0
    for i in range(n):
        if p == i:
            count += 1
        if p != 3:
            count += 10
        if p == None:  # noqa: E711
            count += 100
        p = i + 1 if i % 2 else None
    return count


def chain(x, n):
    node = n
    steps = 0
    while node is not None:
        steps += node
        node = node - 1 if node > 0 else None
    return steps, node


def above(x, t):
    for i in range(len(x)):
        if x[i] > t:
            return i
    return None


def calls(x, n):
    s = 0
    for k in range(n):
        j = above(x, k * 0.5)
        if j is None:
            s -= 1
            continue
        s += j
    return s


def of_two_types(x, n):
    best = None
    for i in range(n):
        v = i * 0.25 if i % 2 else i
        if best is None or v > best:
            best = v
    return best


def list_of_none(x, n):
    a = [None] * n
    for i in range(n):
        if i % 2:
            a[i] = i * 1.5
    t = 0.0
    for v in a:
        if v is not None:
            t += v
    return t, a


def never_none(x, n):
    b = None
    for i in range(n):
        b = i
    if b is None:
        raise ValueError(n)
    return b * 2


def grows_beyond(x, n):
    p = None
    for _ in range(n):
        if p is None:
            p = 2**61
        else:
            p += p
    return p


class Best:
    def __init__(self):
        self.best = None

    def see(self, x):
        for v in x:
            if self.best is None or v > self.best:
                self.best = v
        return self.best


CASES = [
    (smallest, [[FULL], [EMPTY], [[3, 1, 2]], [[]], [np.arange(4)], [FULL.astype(np.float32)], [[True, 2, 0.5]]]),
    (smallest_and_where, [[FULL], [EMPTY], [[3, 1, 2]]]),
    (pair, [[FULL], [EMPTY]]),
    (scaled, [[FULL], [FULL, 2.0], [FULL, None], [FULL, 3], [FULL, np.float64(2.0)]]),
    (first_place, [[FULL, 1.5], [FULL, 7.0]]),
    (buffer, [[FULL, 3], [FULL, 0], [FULL, 1]]),
    (last_or_ten, [[FULL, 7], [FULL, 0]]),
    (raises, [[FULL, 4], [FULL, 9]]),
    (compared, [[FULL, 9]]),
    (chain, [[FULL, 5]]),
    (calls, [[FULL, 30]]),
    (of_two_types, [[FULL, 9], [FULL, 0], [FULL, 1]]),
    (list_of_none, [[FULL, 7], [FULL, 0]]),
    (never_none, [[FULL, 3], [FULL, 0]]),
    (grows_beyond, [[FULL, 1], [FULL, 2], [FULL, 5], [FULL, 0]]),
]


def ended(function, arguments):
    try:
        return outcomes.plain(function(*arguments))
    except Exception as error:
        return type(error).__name__, str(error), traceback.extract_tb(error.__traceback__)[-1].lineno


@pytest.mark.parametrize(("function", "calls"), CASES, ids=[case[0].__name__ for case in CASES])
def test_names_that_are_none_at_first(function, calls):
    kernel = _native.jit(function, {"always": True})
    for arguments in calls:
        expected = ended(function, arguments)
        assert ended(kernel, arguments) == expected
        assert ended(kernel, arguments) == expected
    assert all(one["compiled"] and not one["islands"] for one in kernel.specializations)


@pytest.mark.parametrize(("function", "calls"), CASES, ids=[case[0].__name__ for case in CASES])
def test_python_goes_on_from_everywhere(function, calls, monkeypatch):
    plain = _engine.compile
    monkeypatch.setattr(_engine, "compile", lambda text: plain(leaving.asking(text)))
    kernel = _native.jit(function, {"always": True})
    for arguments in calls:
        expected = outcomes.ended(function, arguments)
        assert not list(leaving.differences(kernel, expected, lambda given=arguments: given, 1))


def test_an_attribute_that_is_none_at_first():
    kernel = _native.jit(Best.see, {"always": True})
    one, other = Best(), Best()
    for x in (EMPTY, FULL, FULL + 1, EMPTY):
        assert ended(kernel, [one, x]) == ended(Best.see, [other, x])
        assert outcomes.plain(one.best) == outcomes.plain(other.best)
    assert all(kind["compiled"] and not kind["islands"] for kind in kernel.specializations)


def found_in_a_while(x, n):
    found, k = 1.5, 0
    while k < n:
        k += 1
        if x[k] != x[k]:
            found = str(k) * 500
            break
    return found, k


def found_in_a_for(x, n):
    found = x
    for k in range(n):
        if x[k] != x[k]:
            found = str(k) * 500
            break
    else:
        n = 2.5
    return found, n


def never_comes_back(x, n):
    q = None
    i, s, k = 1, 0.5, 0
    while k < n:
        k += 1
        i, s = q
        if q is None or s < q[1]:
            break
    return i, s


def array_for_a_number(x, n):
    s = 0
    for i in range(3):
        s = x * 2
        x[i * n] -= 1
    return s


@pytest.mark.parametrize("function", [found_in_a_while, found_in_a_for, never_comes_back, array_for_a_number])
def test_what_only_one_end_of_a_loop_gives(function):
    kernel = _native.jit(function, {"always": True})
    for n in (0, 3, 6):
        given = FULL.copy()
        counted = sys.getrefcount(given)
        for _ in range(100):
            expected = repr(ended(function, [given.copy(), n]))
            assert repr(ended(kernel, [given.copy(), n])) == expected
            ended(kernel, [given, n])
        assert sys.getrefcount(given) == counted
    assert all(kind["compiled"] for kind in kernel.specializations)
