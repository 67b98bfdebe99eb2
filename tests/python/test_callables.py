"""Compiled functions that are given functions: what is called is what was passed."""

import math

import numpy as np
import pytest
from numlift import _native


def jit(function):
    return _native.jit(function, {"always": True})


SCALE = 2.0


def bump(x):
    return math.exp(-x * x) * SCALE


def line(x):
    return 3.0 * x - 1.0


def guarded(x):
    if x > 0.5:
        return x
    return -x


def with_default(x, k=2.0):
    return k * x


def fails(x):
    return 1.0 / (x - 1.0)


@jit
def integrate(f, a, b, n):
    h = (b - a) / n
    s = 0.5 * (f(a) + f(b))
    for i in range(1, n):
        s += f(a + i * h)
    return s * h


@jit
def apply_twice(f, g, x):
    for i in range(len(x)):
        x[i] = f(g(x[i]))
    return x


def passes_on(f, x):
    return f(f(x))


@jit
def through_a_helper(f, n):
    s = 0.0
    for i in range(n):
        s += passes_on(f, i * 0.1)
    return s


def outcome(call, *arguments):
    try:
        return call(*arguments)
    except Exception as error:
        return type(error), str(error)


def adder(k):
    return lambda x: x + k


LINES = (bump, line, guarded, with_default, fails, math.sin, np.cos, adder(1.0), adder(2.0), lambda x: x * x - 1)


@pytest.mark.filterwarnings("ignore::numlift.NumliftWarning")
@pytest.mark.parametrize("f", LINES, ids=lambda f: f.__name__)
def test_what_is_passed_is_called(f):
    for _ in range(2):
        for end in (1.0, 2.0):
            assert outcome(integrate, f, 0.0, end, 8) == outcome(integrate.py_func, f, 0.0, end, 8)
        assert outcome(through_a_helper, f, 5) == outcome(through_a_helper.py_func, f, 5)


def test_one_kernel_with_many_functions():
    for g in (line, lambda x: x + 1, bump, lambda x: x - 1, line):
        ours, theirs = np.arange(4.0), np.arange(4.0)
        for f in (bump, guarded):
            apply_twice(f, g, ours)
            apply_twice.py_func(f, g, theirs)
        np.testing.assert_allclose(ours, theirs, rtol=1e-15)


def test_it_is_machine_code():
    kernel = jit(integrate.py_func)
    kernel(bump, 0.0, 1.0, 50)
    for k in range(20):
        kernel(lambda x: x * x + 0.5, 0.0, 1.0, 50 + k)
    assert len(kernel.specializations) == 2
    assert all(one["compiled"] and not one["islands"] for one in kernel.specializations), kernel.explain()


def test_other_code_of_the_same_function_is_noticed():
    def changing(x):
        return x

    kernel = jit(integrate.py_func)
    before = kernel(changing, 0.0, 2.0, 4)
    changing.__code__ = line.__code__
    assert kernel(changing, 0.0, 2.0, 4) == integrate.py_func(line, 0.0, 2.0, 4) != before
    changing.__defaults__ = (1.0,)
    assert kernel(changing, 0.0, 2.0, 4) == integrate.py_func(line, 0.0, 2.0, 4)


def test_kernels_are_passed_like_functions():
    kernel = jit(integrate.py_func)
    for f in (jit(bump), jit(line), jit(bump)):
        assert kernel(f, 0.0, 2.0, 9) == kernel.py_func(f.py_func, 0.0, 2.0, 9)
    assert all(one["compiled"] and not one["islands"] for one in kernel.specializations), kernel.explain()
