"""Floating-point events where a loop carries a float: what is told, of Python's and of NumPy's numbers mixed, is what
CPython tells, whichever operation and iteration it was."""

import warnings

import numlift
import numpy as np
import pytest
from numlift import _native


def levels(rain, demand, start):
    level = np.empty(len(rain))
    spilled = 0.0
    now = start
    for day in range(len(rain)):
        now = now + rain[day] - demand * (0.5 + now / 120.0)
        if now > 120.0:
            spilled += now - 120.0
            now = 120.0
        elif now < 0.0:
            now = 0.0
        level[day] = now
    return level, spilled


def grown(x, factor):
    last = 1.0
    out = np.empty_like(x)
    for i in range(len(x)):
        last = last * factor + x[i]
        out[i] = last / (x[i] - 3.0)
    return out


def told(function, *given):
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        result = function(*given)
    return result, sorted({str(one.message) for one in found if issubclass(one.category, RuntimeWarning)})


RAIN = np.random.default_rng(0).exponential(4.0, 400)


def with_one(value, place):
    changed = RAIN.copy()
    changed[place] = value
    return changed


@pytest.mark.parametrize(
    ("function", "given"),
    [
        (levels, (RAIN, 5.0, 60.0)),
        (levels, (with_one(np.inf, 3), 5.0, 60.0)),
        (levels, (with_one(np.nan, 399), 5.0, 60.0)),
        (levels, (with_one(-np.inf, 7), 5.0, 60.0)),
        (levels, (RAIN, 1e308, 1e10)),
        (levels, (RAIN, np.inf, 60.0)),
        (grown, (RAIN, 0.5)),
        (grown, (with_one(3.0, 5), 0.5)),
        (grown, (RAIN, 1e5)),
        (grown, (with_one(np.inf, 0), -1.0)),
        (grown, (with_one(np.nan, 0), -1.0)),
    ],
)
def test_what_is_told_is_what_python_tells(function, given):
    kernel = numlift.jit(function)
    expected, words = told(function, *given)
    for _ in range(2):
        got, own = told(kernel, *given)
        np.testing.assert_array_equal(got[0], expected[0])
        assert own == words
    assert all(one["compiled"] for one in kernel.specializations)


def steps(z, limit, n):
    for _ in range(n):
        inside = np.less(abs(z), limit)
        z[inside] = z[inside] ** 2 + 0.25
    return z


def test_a_costly_mask_is_computed_once():
    kernel = numlift.jit(steps)
    z = np.random.default_rng(1).normal(size=(20, 30)) * (1 + 0.5j)
    expected = steps(z.copy(), 2.0, 5)
    np.testing.assert_allclose(kernel(z.copy(), 2.0, 5), expected, rtol=1e-12)
    assert str(_native.jit_stages(kernel, [z, 2.0, 5])[1]).count("abs.ufunc") == 1
