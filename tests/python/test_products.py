"""Products of matrices written out as loops: with fastmath they are given to BLAS, whatever stands around them."""

from __future__ import annotations

import warnings

import numlift
import numpy as np
import pytest
from numlift import _native


def by_rows(a, b, c, factor):
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            for k in range(a.shape[1]):
                c[i, j] += a[i, k] * b[k, j]


def with_a_factor(a, b, c, factor):
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            for j in range(b.shape[1]):
                c[i, j] += factor * a[i, k] * b[k, j]


def taken_off(a, b, c, factor):
    for k in range(a.shape[1]):
        for i in range(a.shape[0]):
            for j in range(b.shape[1]):
                c[i, j] -= b[k, j] * a[i, k]


def in_a_variable(a, b, c, factor):
    for j in range(b.shape[1]):
        for i in range(a.shape[0]):
            c[i, j] *= factor
            total = 0.0
            for k in range(a.shape[1]):
                total += a[i, k] * b[k, j]
            c[i, j] = c[i, j] + factor * total


def of_parts(a, b, c, factor):
    n, m = a.shape
    for i in range(1, n - 1):
        for k in range(2, m):
            x = a[i, k]
            for j in range(1, b.shape[1]):
                c[i, j - 1] += x * b[k - 1, j]


def into_zeros(a, b, c, factor):
    made = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            for k in range(a.shape[1]):
                made[i, j] += a[i, k] * b[k, j]
    return made


def turned(a, b, c, factor):
    x, y = a.T, b.T
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            for k in range(a.shape[1]):
                c[i, j] += x[k, i] * y[j, k]


def of_a_triangle(a, b, c, factor):
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            for j in range(min(i, b.shape[1])):
                c[i, j] += a[i, k] * b[k, j]


def into_a_factor(a, b, c, factor):
    n = min(a.shape[0], a.shape[1], b.shape[1])
    for i in range(n):
        for j in range(n):
            for k in range(n):
                a[i, j] += a[i, k] * b[k, j]


PRODUCTS = [by_rows, with_a_factor, taken_off, in_a_variable, of_parts, into_zeros, turned]
OTHERS = [of_a_triangle, into_a_factor]
SHAPES = [(0, 5, 3), (1, 1, 1), (3, 4, 5), (30, 40, 20), (64, 8, 64)]


def given(shape, order, dtype):
    n, m, p = shape
    chance = np.random.default_rng(3)
    a, b = chance.random((n, m)), chance.random((m, p))
    made = [np.asarray(one, dtype, order=order) for one in (a, b, chance.random((n, p)))]
    return [*made, dtype(1.5)]


@pytest.mark.parametrize("function", PRODUCTS + OTHERS, ids=lambda function: function.__name__)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_products_are_what_the_loops_compute(function, dtype):
    kernel = numlift.jit(fastmath=True)(function)
    close = 1e-12 if dtype == np.float64 else 1e-4
    for order in "CF":
        for shape in SHAPES:
            expected, found = given(shape, order, dtype), given(shape, order, dtype)
            right, own = function(*expected), kernel(*found)
            assert (right is None) == (own is None)
            if own is not None:
                np.testing.assert_allclose(own, right, close)
            for right, own in zip(expected, found):
                np.testing.assert_allclose(own, right, close)


@pytest.mark.parametrize("function", PRODUCTS + OTHERS, ids=lambda function: function.__name__)
def test_blas_is_asked_where_the_ends_of_the_loops_are_fixed(function):
    def asks(fastmath):
        kernel = numlift.jit(fastmath=fastmath)(function)
        return "<matmul>" in str(_native.jit_stages(kernel, given((3, 4, 5), "C", np.float64))[1])

    assert asks(fastmath=True) == (function in PRODUCTS)
    assert not asks(fastmath=False)


def dot(x, y):
    return np.dot(x, y)


def dot_method(x, y):
    return x.dot(y)


def inner(x, y):
    return np.inner(x, y)


def matmul(x, y):
    return x @ y


@pytest.mark.parametrize("function", [dot, dot_method, inner, matmul], ids=lambda function: function.__name__)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128])
def test_vectors_are_multiplied_as_numpy_does_it(function, dtype):
    kernel = _native.jit(function, {"always": True})
    chance = np.random.default_rng(5)
    for n in (0, 1, 3, 20, 1001):
        for step in (1, 2, -1, -3):
            wide = chance.random(abs(step) * n).astype(dtype)
            x, y = wide[::step], chance.random(n).astype(dtype)
            assert kernel(x, y).tobytes() == function(x, y).tobytes()


@pytest.mark.parametrize("function", [dot, dot_method, inner, matmul], ids=lambda function: function.__name__)
def test_warnings_name_the_function(function):
    kernel = _native.jit(function, {"always": True})
    vector, matrix = np.full(2, 1e200), np.full((2, 2), 1e200)
    for given in ((vector, vector), (matrix, vector), (vector, matrix), (matrix, matrix)):
        with pytest.warns(RuntimeWarning) as expected:
            function(*given)
        with pytest.warns(RuntimeWarning) as found:
            kernel(*given)
        assert [str(one.message) for one in found] == [str(one.message) for one in expected]


def of_stacks(a, b):
    return np.matmul(a, b)


STACKS = [
    ((3, 4, 5), (5, 6)),
    ((3, 4, 5), (1, 5, 6)),
    ((1, 4, 5), (3, 5, 6)),
    ((4, 5), (3, 5, 6)),
    ((2, 3, 1, 5), (3, 5, 6)),
    ((2, 1, 4, 5), (1, 3, 5, 6)),
    ((2, 3, 4, 5), (2, 1, 5, 1)),
    ((2, 0, 4, 5), (5, 6)),
    ((3, 4, 0), (0, 6)),
    ((3, 4, 5), (2, 5, 6)),
    ((3, 4, 5), (4, 6)),
    ((3, 70, 80), (80, 90)),
]


@pytest.mark.parametrize("dtype", ["f4", "f8", "c8", "c16"])
@pytest.mark.parametrize("shapes", STACKS, ids=str)
def test_products_of_stacks(shapes, dtype):
    kernel = numlift.jit(of_stacks, strict=True)
    rng = np.random.default_rng(0)
    unit = 1j if dtype[0] == "c" else 0.0
    a, b = ((rng.normal(size=shape) + unit * rng.normal(size=shape)).astype(dtype) for shape in shapes)
    layouts = [lambda x: x, lambda x: np.ascontiguousarray(x.swapaxes(-1, -2)).swapaxes(-1, -2)]
    for second in layouts if b.ndim == 2 else layouts[:1]:
        assert told_of(kernel, a, second(b)) == told_of(of_stacks, a, second(b))


def test_products_of_stacks_in_another_order_are_numpys():
    kernel = numlift.jit(of_stacks)
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(3, 4, 5, 5)), rng.normal(size=(5, 5))
    for other in (a.transpose(1, 0, 2, 3), np.asfortranarray(a), a[:, ::-1], a.swapaxes(-1, -2), a[..., ::2, :]):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", numlift.NumliftWarning)
            assert told_of(kernel, other, b) == told_of(of_stacks, other, b)


def told_of(function, a, b):
    try:
        found = function(a, b)
    except ValueError as error:
        return str(error)
    return found.tobytes(), found.shape, found.strides if found.size else None, found.dtype
