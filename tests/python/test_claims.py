"""Objects that call themselves what a library has are not taken for that."""

import functools
import math

import numlift
import numpy as np
import pytest

RECORD = np.recarray(1, dtype=[("a", "i4"), ("b", "f4")])[0]
RECORD.a, RECORD.b = 3, 1.5


@functools.wraps(np.sum)
def own_sum(x):
    return x.max() * 100


@functools.wraps(math.sqrt)
def own_root(x):
    return x * 100


@functools.wraps(len)
def own_length(x):
    return 17


class Sine:
    __module__, __name__, __qualname__ = "numpy", "sin", "sin"

    def __call__(self, x):
        return x + 1000


own_sine = Sine()


def of_wrappers(x):
    return own_sum(x) + own_root(x[1]) + own_length(x)


def of_an_object(x):
    return own_sine(x[1])


def of_a_record(x):
    return RECORD.a + RECORD["b"] + x[1]


def of_a_file(x):
    with open(__file__) as file:
        start = len(file.read(10))
    for i in range(len(x)):
        start += x[i]
    return start


@pytest.mark.filterwarnings("ignore::numlift.NumliftWarning")
@pytest.mark.parametrize("function", [of_wrappers, of_an_object, of_a_record, of_a_file])
def test_claim(function, monkeypatch):
    monkeypatch.setenv("NUMLIFT_COMPILE", "always")
    kernel, x = numlift.jit(function), np.arange(4.0)
    assert kernel(x) == kernel(x) == function(x)


def test_open_is_known():
    kernel = numlift.jit(of_a_file)
    kernel(np.arange(4.0))
    assert "something else" not in kernel.explain()
