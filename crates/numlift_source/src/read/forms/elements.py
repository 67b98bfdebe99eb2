"""Functions of each element. See `forms.rs`."""

import numpy as np


def numpy_polyval(p: "d 1", x: "d 12"):
    y = np.zeros(x.shape)
    for i in range(len(p)):
        y = y * x + p[i]
    return y


def numpy_polyval__one(p: "d 1", x: "number"):
    # Of no coefficients it is an array of `x`'s dtype.
    if len(p) == 0:
        raise ValueError
    value = np.float64(x)
    y = np.float64(0.0)
    for i in range(len(p)):
        y = y * value + p[i]
    return y


def numpy_angle(z: "FD 123", deg: "False" = False):
    return np.arctan2(np.imag(z), np.real(z))


def numpy_fix(x: "fd 123"):
    return np.trunc(x)


def numpy_sinc(x: "d 123"):
    y = np.pi * x
    y = np.where(y != 0.0, y, 2.220446049250313e-16)
    return np.sin(y) / y


def float_item(self: "float64"):
    return float(self)


def numpy_isneginf(x: "fd 123"):
    return x == -np.inf


def numpy_isposinf(x: "fd 123"):
    return x == np.inf


def numpy_iscomplex(x: "FD 123"):
    return np.imag(x) != 0


def numpy_isreal(x: "FD 123"):
    return np.imag(x) == 0


def numpy_modf(x: "fd 123"):
    finite = np.where(np.isinf(x), 0.0, x)
    return np.copysign(finite - np.trunc(finite), x), np.trunc(x)


def numpy_divmod(x1: "iu 123", x2: "=x1 123"):
    if np.any(x2 == 0):
        raise ValueError
    return x1 // x2, x1 % x2


def numpy_round(a: "fd 123", decimals: "int" = 0):
    if decimals < -8 or decimals > 8:
        raise ValueError
    factor = 1.0
    for _ in range(abs(decimals)):
        factor = factor * 10.0
    if decimals < 0:
        return np.rint(a / factor) * factor
    return np.rint(a * factor) / factor


def numpy_around(a: "fd 123", decimals: "int" = 0):
    return np.round(a, decimals)


def ndarray_round(self: "fd 123", decimals: "int" = 0):
    return np.round(self, decimals)


def ndarray_item(self: "fd 1", x0: "int"):
    return float(self[x0])


def ndarray_item__int(self: "iu 1", x0: "int"):
    return int(self[x0])


def ndarray_item__matrix(self: "fd 2", x0: "int", x1: "int"):
    return float(self[x0, x1])
