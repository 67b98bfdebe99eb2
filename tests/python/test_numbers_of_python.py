"""Methods of numbers, sums and the like of what is there: results, types and exceptions are CPython's."""

import itertools
import math
import random
import warnings

import numpy as np
import pytest
from numlift import _native

INTS = [0, 1, -1, 2, 5, -7, 255, 256, 2**31, -(2**32), 2**62, 2**63 - 1, -(2**63), 2**63, True]
NUMPY = [np.int64(12), np.int32(-7), np.float64(2.675), np.float64(-0.0), np.float64(np.nan), np.float32(1.25)]
FLOATS = [0.0, -0.0, 0.5, 1.5, 2.5, -2.5, 2.675, 0.125, 1e15, 1e16, 1e300, 5e-324, -1e-9, math.inf, -math.inf, math.nan]


def bits(x):
    for _ in range(1):
        r = x.bit_length(), x.bit_count()
    return r


def whole(x):
    for _ in range(1):
        r = x.is_integer()
    return r


def rounded(x, n):
    for _ in range(1):
        r = round(x, n)
    return r


def powers(x, y):
    for _ in range(1):
        r = pow(x, y, 13), pow(3, x, y), pow(x, 5, y)
    return r


def sums(x, y):
    for _ in range(1):
        r = sum([x, y]), sum((x, y, 1)), sum([x], y), sum(()), sum([x, y, x], 0.5)
    return r


def extremes(x, y):
    t = (y, x)
    for _ in range(1):
        r = max([x, y]), min((x, y)), min(t), max(t)
    return r


def clipped(x, y):
    for _ in range(1):
        r = np.clip(x, y, 2), np.clip(x, -1, y)
    return r


def counts(x, y):
    for _ in range(1):
        r = math.comb(x, y), math.perm(x, y), math.factorial(y)
    return r


def parts(x, y):
    for _ in range(1):
        r = math.modf(x), math.isclose(x, y), math.isclose(x, y, rel_tol=0.1), math.isclose(x, y, abs_tol=3.0)
    return r


def of_all(x):
    for _ in range(1):
        r = sum(x), min(x), max(x), sum(x, 1)
    return r


def outcome(function, *args, **more):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = function(*args, **more)
        except Exception as error:
            return type(error), str(error)
    items = result if isinstance(result, tuple) else (result,)
    return [(type(item), repr(item)) for item in items]


@pytest.mark.parametrize("function", [bits, whole], ids=lambda function: function.__name__)
def test_methods(function):
    kernel = _native.jit(function, {"always": True})
    for x in INTS + FLOATS + NUMPY:
        assert outcome(kernel, x) == outcome(function, x), x


@pytest.mark.parametrize(
    "function", [rounded, powers, sums, extremes, clipped, counts, parts], ids=lambda function: function.__name__
)
def test_of_two_numbers(function):
    kernel = _native.jit(function, {"always": True})
    small = [n for n in INTS if abs(n) < 300]
    for x, y in itertools.product(INTS + FLOATS + NUMPY, small + FLOATS + NUMPY):
        if function in (counts, powers) and isinstance(x, int) and abs(x) > 300:
            continue  # Python would compute for ever
        assert outcome(kernel, x, y) == outcome(function, x, y), (x, y)


def test_rounding_to_digits_is_that_of_the_decimal_number():
    kernel = _native.jit(rounded, {"always": True})
    chance = random.Random(1)
    for _ in range(3000):
        n = chance.randrange(0, 17)
        x = chance.choice([1.0, -1.0]) * round(chance.uniform(0, 10 ** chance.randrange(0, 6)), chance.randrange(0, 9))
        x += chance.choice([0.0, 0.5, 0.005, 0.0005, 5.0 * 10.0 ** -(n + 1)])
        assert repr(kernel(x, n)) == repr(round(x, n)), (x, n)


def test_of_lists_and_arrays():
    kernel = _native.jit(of_all, {"always": True})
    given = [[3, 1, 2], [0.5, -0.0, 0.0], [1, 2.5], [], [2**62, 2**62], [math.nan, 1.0], [1.0, math.nan]]
    given += [np.array([2.5, -1.0]), np.arange(4), np.array([]), np.array([1, 2], np.int8), np.array([True, True])]
    for x in given:
        assert outcome(kernel, x) == outcome(of_all, x), x


def test_no_python_inside():
    for function, args in [
        (bits, (77,)),
        (whole, (2.5,)),
        (rounded, (2.675, 2)),
        (powers, (5, 7)),
        (extremes, (1, 2)),
        (clipped, (0.5, 1.0)),
        (counts, (7, 3)),
        (parts, (2.5, 2.0)),
        (of_all, ([1, 2, 3],)),
        (of_all, (np.arange(3.0),)),
    ]:
        kernel = _native.jit(function, {"always": True, "strict": True})
        assert outcome(kernel, *args) == outcome(function, *args)
        assert outcome(kernel, *args) == outcome(function, *args)


def weighted(x, *weights, scale=1.0):
    total = 0.0
    for v in x:
        for w in weights:
            total += v * w
    for k in range(len(weights)):
        total -= weights[k]
    return total * scale, len(weights), weights


def longest(*arrays):
    best = None
    for a in arrays:
        if best is None or len(a) > best:
            best = len(a)
    return best


def test_any_number_of_arguments():
    x = np.array([0.5, 2.5])
    kernel = _native.jit(weighted, {"always": True})
    calls = [(x,), (x, 1), (x, 1.5, 2), (x, np.float32(2.0)), (x, 2**62, 2**62), (x, "a"), (), (x, 1, 2, 3, True)]
    for args in calls * 2:
        assert outcome(kernel, *args) == outcome(weighted, *args), args
        assert outcome(kernel, *args, scale=2) == outcome(weighted, *args, scale=2), args
    assert outcome(kernel, x=x) == outcome(weighted, x=x)
    assert outcome(kernel, x, weights=1) == outcome(weighted, x, weights=1)
    kernel = _native.jit(longest, {"always": True})
    for args in [(), (x,), (x, x[:1], np.arange(5))]:
        assert outcome(kernel, *args) == outcome(longest, *args)
