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
