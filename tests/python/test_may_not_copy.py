"""`copy=False`: the result may be the argument, with its memory and what may be done to it."""

import numlift
import numpy as np
import pytest


def by_keyword(x):
    z = x.astype(np.float64, copy=False)
    z += 1.0
    return z


def by_place(x):
    z = x.astype(np.float64, "K", "unsafe", True, False)
    z += 1.0
    return z


def view_of_it(x):
    z = x.astype(x.dtype, copy=False)[1:]
    z[0] = 5.0
    return z


def read_behind_the_store(x):
    z = x.astype(np.float64, copy=False)
    for i in range(1, len(x)):
        z[i] = x[i - 1] + 1.0
    return z


@pytest.fixture(autouse=True)
def compiled(monkeypatch):
    # What is compiled must be right whether it pays or not.
    monkeypatch.setenv("NUMLIFT_COMPILE", "always")


FUNCTIONS = [by_keyword, by_place, view_of_it, read_behind_the_store]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_what_is_read_only_is_not_written(function):
    x = np.zeros(4)
    x.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        numlift.jit(function)(x)
    assert not x.any()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_the_same_memory_or_another(function, dtype):
    expected, x = np.arange(4, dtype=dtype), np.arange(4, dtype=dtype)
    result = numlift.jit(function)(x)
    assert np.array_equal(result, function(expected))
    assert np.array_equal(x, expected)
    assert np.shares_memory(result, x) == (dtype == np.float64 or function is view_of_it)
