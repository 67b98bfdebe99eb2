"""Arrays that are given another shape, dtype or size while compiled code uses them, by whatever name."""

import copy
import warnings

import numlift
import numpy as np
import pytest
from numlift import _native


class Holder:
    """Knows an array that the compiled function uses, too."""

    def __init__(self, array, how):
        self.array, self.how = array, how

    def act(self):
        match self.how:
            case "shrink":
                self.array.resize(1, refcheck=False)
            case "grow":
                self.array.resize(100_000, refcheck=False)
            case "shape":
                self.array.shape = (2, 3)
            case "dtype":
                self.array.dtype = np.int64
            case "lock":
                self.array.flags.writeable = False
        return 1.0


def in_a_loop(x, o):
    s = 0.0
    for i in range(len(x)):
        s += x[i] * 2
        if i == 1:
            s += o.act()
    return s


def before_a_sum(x, o):
    t = o.act()
    return x.sum(axis=0), x.shape, t


def value_not_used(x, o):
    o.act()
    for i in range(len(x)):
        x[i] = 3
    return x


def in_a_function(x, o):
    def step(o):
        return o.act()

    s = step(o)
    return s + x.sum(), x.shape


def by_method(x, o):
    y = x
    x.resize(20, refcheck=False)
    for i in range(len(x)):
        x[i] += i
    return x, y


def by_attribute(x, o):
    y = x
    x.shape = (2, 3)
    return y.sum(axis=0), x


def locked(x, o):
    x.setflags(write=False)
    x[0] = 1.0
    return x


def ending(call, how):
    x = np.arange(6.0)
    try:
        value = call(x, Holder(x, how))
    except Exception as error:
        value = type(error).__name__, str(error)
    return repr(value), repr(x)


FUNCTIONS = [in_a_loop, before_a_sum, value_not_used, in_a_function, by_method, by_attribute, locked]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("how", ["shrink", "grow", "shape", "dtype", "lock"])
def test_reshaped(function, how):
    kernel = _native.jit(function, {"always": True})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", numlift.NumliftWarning)
        for _ in range(2):
            assert ending(kernel, how) == ending(function, how)


def shifted(x):
    x[:] = x + 1
    return x.sum()


def sums(x):
    s = 0.0
    for i in range(len(x)):
        x[i] += 1.0
        s += np.sum(x[i])
    return s


@pytest.mark.parametrize("function", [shifted, sums])
@pytest.mark.parametrize(("shape", "strides"), [((4,), (0,)), ((4, 2), (8, 8)), ((2, 3), (0, 8)), ((3, 2), (16, 8))])
def test_elements_that_share_memory(function, shape, strides):
    kernel = numlift.jit(function)
    kernel(np.ones(shape))
    results = []
    for call in (function, kernel):
        memory = np.arange(8.0)
        x = np.lib.stride_tricks.as_strided(memory, shape, strides)
        results.append((call(x), memory.tolist()))
    assert results[0] == results[1]
    assert copy.copy(kernel)
