"""Elements whose last bit, or whose zero's sign, depends on which of NumPy's loops computes them."""

import warnings

import numlift
import numpy as np
import pytest

ZEROS = np.array([0.0, -0.0, 0.0, -0.0, 1.0, -2.0, np.nan, np.inf, -np.inf, -0.0, 0.0])
RE, IM = np.random.default_rng(5).normal(size=(2, 33))
BASES = np.array([-0.0, -np.inf, np.inf, np.nan, 2.0, 3.0, -1.0, 0.0, 1e4])


def told(function, *args):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        value = function(*args)
    bits = np.where(np.isnan(value), np.nan, value) if value.dtype.kind in "fc" else value
    return value.dtype, bits.tobytes(), sorted(str(one.message) for one in caught if one.category is RuntimeWarning)


def power(x, e):
    return np.power(x, e)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("exponent", [0.5, 2.0, -1.0, 1.0, 0.0, 2, -1, np.float64(0.5), np.float16(0.5), np.float32(2)])
def test_one_exponent_is_looked_at(dtype, exponent):
    kernel = numlift.jit(power)
    for bases in (BASES.astype(dtype), np.array([0.1, 1.7, 3.3e10], dtype)):
        assert told(kernel, bases, exponent) == told(power, bases, exponent)
    assert kernel.specializations[0]["compiled"]


def minimum(x, y):
    return np.minimum(x, y)


def fmax(x, y):
    return np.fmax(x, y)


def fmin_of_one(x, y):
    return np.fmin(x, 1.0)


@pytest.mark.parametrize("function", [minimum, fmax, fmin_of_one])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_zeros_of_either_sign(function, dtype):
    kernel = numlift.jit(function)
    for n in (1, 2, 7, 11):
        x, y = ZEROS[:n].astype(dtype), np.roll(ZEROS, 1)[:n].astype(dtype)
        for given in ((x, y), (y, x), (x, dtype(0)), (dtype(-0.0), y), (x, 0.0), (x[::2], y[::2])):
            assert told(kernel, *given) == told(function, *given)


def product(x, y):
    return x * y


def square(x, y):
    return np.square(x)


def size(x, y):
    return np.abs(x)


@pytest.mark.parametrize("function", [product, square, size])
@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_complex_numbers_have_the_bits_of_loops(function, dtype):
    kernel = numlift.jit(function)
    large = [1e30 + 2e30j, np.inf, complex(np.nan, np.inf), 0, -0.0]
    x = np.concatenate([(RE + 1j * IM).astype(dtype), np.array(large, dtype)])
    y = np.roll(x, 3) + dtype(0.1j)
    for given in ((x, y), (x[::3], y[::3]), (x[:20], dtype(0.3 - 2j))):
        assert told(kernel, *given) == told(function, *given)


def to_uint32(x):
    return x.astype(np.uint32)


def stored(x):
    out = np.zeros(len(x), np.uint32)
    out[:] = x
    return out


@pytest.mark.parametrize("function", [to_uint32, stored])
def test_floats_beyond_uint32(function):
    kernel = numlift.jit(function)
    for x in (np.full(11, 5e9), np.full(7, -1e20, np.float32), np.full(9, np.nan)):
        assert told(kernel, x) == told(function, x)
