"""Floats that are stored to arrays of integers, around the numbers that just fit: NumPy raises where one does not."""

import numpy as np
import pytest
from numlift import _native


def to_all(x, v):
    x[:] = v
    return x


def to_some(x, v):
    x[1:3] = v
    return x


def to_one(x, v):
    x[1] = v
    return x


def to_each(x, v):
    for i in range(len(x)):
        x[i] = v
    return x


def numbers(kind):
    for exponent in (7, 8, 15, 16, 31, 32, 63, 64):
        for sign in (1, -1):
            with np.errstate(all="ignore"):
                number = kind(sign * 2.0**exponent)
            yield number
            yield kind(np.nextafter(number, kind(np.inf)))
            yield kind(np.nextafter(number, kind(-np.inf)))
    yield from map(kind, (np.nan, np.inf, -0.5, -1.0))


@pytest.mark.parametrize("function", [to_all, to_some, to_one, to_each], ids=lambda function: function.__name__)
@pytest.mark.parametrize("dtype", "bhilBHIL")
@pytest.mark.parametrize("kind", [np.float32, np.float64, np.float16, float], ids=lambda kind: kind.__name__)
def test_they_are_stored_or_refused_as_by_numpy(function, dtype, kind):
    kernel = _native.jit(function, {"always": True})
    for number in numbers(kind):
        ends = []
        for called in function, kernel:
            x = np.zeros(4, dtype=dtype)
            with np.errstate(all="ignore"):
                try:
                    called(x, number)
                    ended = ""
                except (OverflowError, ValueError) as error:
                    ended = repr(error)
            ends.append((ended, x.tolist()))
        assert ends[0] == ends[1], number
