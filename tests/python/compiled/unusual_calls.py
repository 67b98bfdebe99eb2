"""NumPy's functions and subscripts with seldom numbers, dtypes and ranks: `(function, arguments, …)`."""

import math

import numpy as np

TOP, BOTTOM = 2**63 - 1, -(2**63)

ints = np.arange(7)
matrix = np.arange(12.0).reshape(3, 4)
signs = np.array([True, False, False])


def rolled(x, shift):
    return np.roll(x, shift), np.roll(x, shift, axis=0)


def first_most(x, first):
    return np.max(x, initial=first, where=x > 1)


def first_least(x, first):
    return np.min(x, initial=first, where=x > 1)


def differences(x):
    return np.ediff1d(x)


def place_in_matrix(place):
    return np.unravel_index(place, (3, 4))


def place_in_space(place):
    return np.unravel_index(place, (3, 4, 2))


def polynomial(coefficients, x):
    return np.polyval(coefficients, x)


def stored_at_two(x, i):
    x[-1, i] = 2.0
    return x


def stored_in_two_slices(x, i):
    x[i:, :i] = 2.0
    return x


def stored_at_places(x, places):
    x[places, 0] = 2.0
    return x


def zeros_of(extent):
    return np.zeros(extent)


def shape_of(extent):
    return np.empty((2, extent)).shape


SHIFTS = (1, -1, 0, 10, TOP, BOTTOM, BOTTOM + 5)
FIRST = (0, -0.0, 2.5, 300, 1e300, math.nan, np.float64(1.5), np.int64(70000))
ODD = (np.array([4, 1, -7], "i2"), np.array([4, 1], "u1"), np.array([4, 1], "f4"))

UNUSUAL = [
    (rolled, *((x, shift) for x in (ints, matrix, ints[:0]) for shift in SHIFTS)),
    *((function, *((x, first) for x in ODD for first in FIRST)) for function in (first_most, first_least)),
    (differences, (ints,), (signs,), (ints[:1],), (np.array([1, -128], "i1"),)),
    *(
        (function, *((place,) for place in (5, 2.0, np.float64(2.0), np.uint8(3), True, 24, -1)))
        for function in (place_in_matrix, place_in_space)
    ),
    *((function, (ints, 1), (matrix, 1)) for function in (stored_at_two, stored_in_two_slices)),
    (stored_at_places, (ints, np.array([1, 2])), (matrix, np.array([1, 2]))),
    (polynomial, *((p, x) for p in (np.arange(3.0), np.zeros(0)) for x in (2, 0.5, np.float32(0.5), np.int64(3)))),
    *(
        (function, *((n,) for n in (2, True, np.True_, np.uint8(2), 2.0, np.float64(2.0))))
        for function in (zeros_of, shape_of)
    ),
]
