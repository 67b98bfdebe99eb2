"""Loads at computed places, which are all looked at in front of the loop: results, exceptions, and what was stored
before one are CPython's, on any number of threads."""

import numlift
import numpy as np
import pytest
from numlift import _native


def taken(x, where, out):
    for i in range(len(where)):
        out[i] = x[where[i]] * 2.0


def both(x, where, out):
    for i in range(len(where)):
        k = where[i]
        out[i] = x[k] + k


def of_two(x, where, out):
    for i in range(len(where) - 1):
        out[i] = x[where[i]] * x[where[i + 1]]


def of_floats(x, where, out):
    for i in range(len(where)):
        out[i] = x[int(where[i] * 1.5)]


def in_place(x, where, out):
    for i in range(len(where)):
        where[i] = where[where[i]]
        out[i] = x[where[i]]


def tried(function, *given):
    copies = [one.copy() for one in given]
    try:
        function(*copies)
    except IndexError as error:
        return copies, str(error)
    return copies, ""


PLACES = {"fine": None, "negative": -2, "behind": 200, "before": -201}


@pytest.mark.parametrize("dtype", [np.int64, np.int32, np.int16, np.uint8])
@pytest.mark.parametrize("odd", PLACES)
@pytest.mark.parametrize("function", [taken, both, of_two, of_floats, in_place])
def test_as_python_does_it(function, odd, dtype):
    rng = np.random.default_rng(3)
    x, where = rng.random(200), rng.integers(0, 120, 150)
    if PLACES[odd] is not None and not (PLACES[odd] < 0 and dtype is np.uint8):
        where[101] = PLACES[odd]
    where = where.astype(np.float64 if function is of_floats else dtype)
    expected = tried(function, x, where, np.zeros(150))
    for parallel in ("auto", True, False):
        got = tried(numlift.jit(function, parallel=parallel), x, where, np.zeros(150))
        assert got[1] == expected[1]
        for own, other in zip(got[0], expected[0], strict=True):
            np.testing.assert_array_equal(own, other)


def test_places_that_the_loop_changes_stay_checked():
    x, where = np.ones(9), np.arange(9)
    checked = [str(_native.jit_stages(numlift.jit(one), [x, where, x.copy()])[1]) for one in (taken, in_place)]
    assert checked[0].count("load %0, ") == 1
    assert "load %0, " not in checked[1]


def test_the_loop_without_checks_runs_on_several_cores():
    x = np.random.default_rng(0).random(200_000)
    where = np.random.default_rng(1).integers(0, len(x), len(x))
    kernel = numlift.jit(taken)
    out = np.zeros(len(x))
    kernel(x, where, out)
    np.testing.assert_array_equal(out, x[where] * 2.0)
    assert "on several cores" in str(kernel.explain())
