"""NumPy looks at the value of an exponent before it chooses the loop of a power."""

import numpy as np
import pytest
from numlift import _native

EXPONENTS = [2, 2.0, 0.5, -1, -1.0, 0, 1, 3, True, np.int64(2), np.float64(-1.0), 2 + 0j]


def power(x, k):
    return x**k


def power_in_place(x, k):
    x **= k
    return x


def inverse(x, k):
    return x**-1


def of_what_is_computed(x, k):
    j = k * 1
    return x[::2] ** j + x[1::2] ** j


def ended(function, x, k):
    try:
        with np.errstate(all="ignore"):
            result = function(x.copy(), k)
    except (TypeError, ValueError) as error:
        return repr(error)
    return result.dtype.str, result.shape, result.tobytes()


@pytest.mark.parametrize("function", [power, power_in_place, inverse, of_what_is_computed])
@pytest.mark.parametrize("dtype", ["?", "F", "D"])
def test_the_loop_of_a_power(dtype, function):
    random = np.random.default_rng(1)
    x = (random.normal(size=40) * 3 + 1j * random.normal(size=40)).astype("D")
    x = x.real > 0 if dtype == "?" else x.astype(dtype)
    for k in EXPONENTS:
        kernel = _native.jit(function, {"always": True})
        assert ended(kernel, x, k) == ended(function, x, k), k
