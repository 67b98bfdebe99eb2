"""What a statement has done is not done again where code is left behind it."""

import itertools
import math

import numpy as np
import pytest
from numlift import _native


def rounds(x, y, m):
    n = 3
    for s, t in zip(x, m[0]):
        y[1] += n // 2
        n = round(s / t)
    return n


def truncates(x, y, m):
    n = 3
    for s, t in zip(x, m[0]):
        y[1] += n // 2
        n = int(s / t)
    return n


def rounds_in_a_branch(x, y, m):
    n = 3
    for s, t in zip(x, m[0]):
        y[0] -= 1
        if s != t:
            y[1] += n // 2
            n = round(s * t) + 1
    return n


def outcome(function, x, m):
    y = np.zeros(2, dtype=np.int64)
    try:
        with np.errstate(all="ignore"):
            result = function(x, y, m)
    except (OverflowError, ValueError) as error:
        result = repr(error)
    return result, y.tolist()


@pytest.mark.parametrize("function", [rounds, truncates, rounds_in_a_branch], ids=lambda function: function.__name__)
def test_a_float_without_an_int(function):
    kernel = _native.jit(function, {"always": True})
    numbers = [2.0, np.inf, np.nan, 1e300, 0.0]
    for a, b, c in itertools.product(numbers, repeat=3):
        x, m = np.array([4.0, a, b, 5.0]), np.array([[2.0, 1.0, c, 1.0]])
        assert outcome(kernel, x, m) == outcome(function, x, m), (x, m)


def stores_what_may_raise(y, m):
    s = 0.5
    y[2] += 3
    m[1, -1] = math.isclose(s, s)
    return s


def test_a_call_that_may_raise_in_the_middle_of_a_statement():
    kernel = _native.jit(stores_what_may_raise, {"always": True})
    y = np.arange(5)
    with pytest.raises(IndexError, match="index 1 is out of bounds"):
        kernel(y, np.array([[-3.0]]))
    assert y.tolist() == [0, 1, 5, 3, 4]


def adds_all(x, items):
    total = 0
    for item in items:
        x[0] *= -2.0
        total += item
    return total


def calls_a_loop_over_a_list(x, items):
    return adds_all(x, items)


def zips_in_a_callee(x, items):
    return loops_over_pairs(x, items), x[0]


def loops_over_pairs(x, items):
    total = 0
    for (place, item), scale in zip(enumerate(items), x):
        x[0] *= -2.0
        total += item * place + scale
    return total


@pytest.mark.parametrize("function", [adds_all, calls_a_loop_over_a_list, zips_in_a_callee])
def test_an_element_of_another_type(function):
    kernel = _native.jit(function, {"always": True})
    for late in [1j, 5, "text", None, np.float32(2.0), [1.0]]:
        for place in range(3, 12):
            items = [*np.linspace(0.0, 1.0, 13).tolist()]
            items[place] = late
            expected, actual = (ended(one, np.arange(13.0) + 1.0, items) for one in (function, kernel))
            assert actual == expected, (late, place)


def counts_on(x, n):
    last = 0
    for i, v in enumerate(x, n):
        x[0] = x[0] * -2.0 + v
        last = i
    return last


def counts_on_in_a_callee(x, n):
    return counts_on(x, n)


def counts_backwards(x, n):
    last = 0
    for v, (i, k) in zip(x, enumerate(reversed(range(n, n + 9)), n)):
        x[0] = x[0] * -2.0 + v
        last = i + k
    return last


@pytest.mark.parametrize("function", [counts_on, counts_on_in_a_callee, counts_backwards])
def test_numbers_of_iterations_that_outgrow_64_bits(function):
    kernel = _native.jit(function, {"always": True})
    for n in [0, -5, 2**62, 2**62 - 3, 2**63 - 9, 2**63 - 3, 2**63 - 1, -(2**63)]:
        expected, actual = (ended(one, np.arange(6.0) + 1.0, n) for one in (function, kernel))
        assert actual == expected, n


def ended(function, x, given):
    try:
        result = repr(function(x, given))
    except Exception as error:
        result = repr(error)
    return result, x.tolist()


def read_on_one_way(x, y, i, t):
    y[0], x[i] = y[0] + 1.0, (x[i] if t else 0.0)
    return y[0]


def read_in_a_branch(x, y, i, t):
    s = 0.0
    if t:
        s = x[i]
    y[0], x[i] = y[0] + 1.0, s
    return y[0]


def read_in_a_loop(x, y, i, t):
    s = 0.0
    for _ in range(int(t)):
        s = x[i]
    y[0], x[i] = y[0] + 1.0, s
    return y[0]


def sliced(x, y, i, t):
    y[0], x[i] = y[0] + 1.0, x[:i].sum() + t
    return y[0]


def read(x, y, i, t):
    y[0], x[i] = y[0] + 1.0, x[i] + t
    return y[0]


def read_of_a_list(x, y, i, t):
    d = [1, 2, 3]
    if t:
        i = d[i]
    y[0], d[i] = y[0] + 1.0, t
    return y[0]


@pytest.mark.parametrize("t", [0.0, 2.0, 300.0, -1.5, np.nan, 1e300])
@pytest.mark.parametrize("dtype", [np.float64, np.float16, np.int64, np.int8, np.uint32])
@pytest.mark.parametrize("i", [1, 2, 3, 7, -3, -4])
@pytest.mark.parametrize("function", [read_on_one_way, read_in_a_branch, read_in_a_loop, sliced, read, read_of_a_list])
def test_a_store_behind_a_store(function, i, dtype, t):
    """The second one fails where the place is not there or cannot hold it, and Python runs the statement again."""
    if function is read_in_a_loop and not 0.0 <= t < 10.0:
        return
    ends = []
    for called in function, _native.jit(function, {"always": True}):
        x, y = np.arange(3).astype(dtype), np.zeros(2)
        try:
            with np.errstate(all="ignore"):
                result = called(x, y, i, t)
        except (IndexError, OverflowError, ValueError) as error:
            result = repr(error)
        ends.append((repr(result), repr(x.tolist()), y.tolist()))
    assert ends[0] == ends[1]


def fresh(x):
    m = np.ones((2, 3))
    m[:] = np.roll(m, 1, axis=0) + m
    return m[0, 0] + x[0]


def fresh_in_a_loop(x):
    m = np.zeros(len(x))
    for i in range(len(x)):
        m[i] = x[i] * 2.0
    return m[0]


def asserted(x, t):
    for _ in range(3):
        x[1] *= 3.0
        assert fresh(x) < t, "bad"
    return x


def raised(x, t):
    for _ in range(3):
        x[1] *= 3.0
        if fresh_in_a_loop(x) > t:
            raise ValueError("no")
    return x


def out_of_range(x, t):
    x[1] *= 3.0
    y = fresh_in_a_loop(x) + fresh(x) + x[int(t) + 1]
    return x, y


@pytest.mark.parametrize("t", [0.0, 1.0, 2.0, 3.0, 5.0, 100.0])
@pytest.mark.parametrize("function", [asserted, raised, out_of_range])
def test_what_raises_behind_memory_that_is_new(function, t):
    """A helper changes an array of its own, and the statement that calls it raises."""
    ends = []
    for called in function, _native.jit(function, {"always": True}):
        x = np.array([1.0, 2.0, 3.0])
        try:
            result = repr(called(x, t))
        except (AssertionError, IndexError, ValueError) as error:
            result = repr(error)
        ends.append((result, x.tolist()))
    assert ends[0] == ends[1]


def behind_a_mean(x, n):
    try:
        if x.min() < 9.0:
            x[1] *= 3.0
    except IndexError:
        n = 0
    x[n] = np.mean(x > 0.5)
    return x


def behind_a_sum(x, n):
    try:
        if x[0] > -9.0:
            x[1] *= 3.0
    finally:
        t = 0.5
    x[n] = np.sum(x[None, :] * x[:, None]) * t
    return x


def behind_a_sum_in_a_loop(x, n):
    for i in range(3):
        try:
            if x[0] > -9.0:
                x[1] *= 3.0
        except IndexError:
            n = 0
        x[n + i] = np.mean(np.sqrt(abs(x)))
    return x


@pytest.mark.parametrize("n", [0, 2, 3, 4, 7, -4, 2**62])
@pytest.mark.parametrize("function", [behind_a_mean, behind_a_sum, behind_a_sum_in_a_loop])
def test_a_store_of_a_fold_that_has_no_place(function, n):
    """The memory of the fold is asked for in a loop, and behind that loop Python may have to go on."""
    ends = []
    for called in function, _native.jit(function, {"always": True}):
        x = np.array([1.0, 2.0, 3.0, 0.25])
        try:
            result = repr(called(x, n))
        except IndexError as error:
            result = repr(error)
        ends.append((result, x.tolist()))
    assert ends[0] == ends[1]
