"""Builtins and functions of `math` that are machine code: results, types and exceptions are CPython's."""

import itertools
import math
import warnings

import numpy as np
import pytest
from numlift import _native

INTS = [0, 1, -1, 2, 6, -4, 15, 2**62, 2**63 - 1, -(2**63), 2**63, 3037000499**2, 3037000499**2 - 1, True]
NUMPY_INTS = [np.int32(12), np.int8(-128), np.uint64(2**63 + 4), np.int64(-(2**63))]
FLOATS = [0.0, -0.0, 1.5, -2.25, math.inf, -math.inf, math.nan, 1e300, 5e-324, 30.0, np.float32(1.5), np.float64(-3.0)]
NUMBERS = INTS + NUMPY_INTS + FLOATS


def erf(x):
    for _ in range(1):
        r = math.erf(x), math.erfc(x)
    return r


def fmod(x, y):
    for _ in range(1):
        r = math.fmod(x, y)
    return r


def log_to_base(x, y):
    for _ in range(1):
        r = math.log(x, y)
    return r


def gcd(x, y):
    for _ in range(1):
        r = math.gcd(x, y)
    return r


def lcm(x, y):
    for _ in range(1):
        r = math.lcm(x, y)
    return r


def isqrt(x):
    for _ in range(1):
        r = math.isqrt(x)
    return r


def quotient_and_rest(x, y):
    for _ in range(1):
        q, r = divmod(x, y)
    return q, r


def power(x, y):
    for _ in range(1):
        r = pow(x, y)
    return r


def least_and_greatest(x, y):
    for _ in range(1):
        r = min([x, y, 2]), max((x, y, 2)), min([x])
    return r


def is_within(x, y):
    for _ in range(1):
        r = x in range(3), x not in range(y), x in range(1, y)
    return r


def classes(x, y):
    for _ in range(1):
        r = (
            isinstance(x, int),
            isinstance(x, float),
            isinstance(x, (bool, complex, str)),
            isinstance(x, np.integer),
            isinstance(x, (np.floating, np.ndarray)),
            isinstance(y, np.float64),
            isinstance(y, np.generic),
            isinstance(y, (list, tuple)),
        )
    return r


def mode(values, scale):
    total = 0.0
    if isinstance(values, np.ndarray):
        for v in values:
            total += v * scale
    else:
        total = float(values) * scale
    return total


def outcome(function, *args):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = function(*args)
        except Exception as error:
            return type(error), str(error)
    items = result if isinstance(result, tuple) else (result,)
    return [(type(item), repr(item)) for item in items]


ONE = [erf, isqrt]
TWO = [fmod, log_to_base, gcd, lcm, quotient_and_rest, power, least_and_greatest, is_within, classes]


@pytest.mark.parametrize("function", ONE, ids=lambda function: function.__name__)
def test_of_one_number(function):
    kernel = _native.jit(function, {"always": True, "math": "numpy"})
    for x in NUMBERS:
        assert outcome(kernel, x) == outcome(function, x), x


@pytest.mark.parametrize("function", TWO, ids=lambda function: function.__name__)
def test_of_two_numbers(function):
    kernel = _native.jit(function, {"always": True, "math": "numpy"})
    for x, y in itertools.product(NUMBERS, NUMBERS):
        if function is power and isinstance(y, int) and isinstance(x, int) and abs(y) > 2**20:
            continue  # Python would compute for ever
        if function is is_within and not isinstance(x, int) and not -1000 < y < 1000:
            continue  # likewise: it looks at each number of the range
        assert outcome(kernel, x, y) == outcome(function, x, y), (x, y)


def test_no_python_inside():
    for function, args in [
        (erf, (0.5,)),
        (isqrt, (17,)),
        (fmod, (5.5, 2.0)),
        (log_to_base, (8.0, 2.0)),
        (gcd, (12, 18)),
        (lcm, (4, 6)),
        (quotient_and_rest, (17, 5)),
        (power, (1.5, 3)),
        (least_and_greatest, (1, 3)),
        (is_within, (2, 7)),
        (classes, (1, 2.0)),
    ]:
        kernel = _native.jit(function, {"always": True, "strict": True, "math": "numpy"})
        assert outcome(kernel, *args) == outcome(function, *args)


def test_isinstance_chooses_the_branch():
    kernel = _native.jit(mode, {"strict": True, "math": "numpy"})
    x = np.arange(5.0)
    assert outcome(kernel, x, 2.0) == outcome(mode, x, 2.0)
    assert outcome(kernel, 3, 2.0) == outcome(mode, 3, 2.0)
