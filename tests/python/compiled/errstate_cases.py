"""`with np.errstate(…)` around compiled code, around pieces that Python runs, and where Python goes on."""

from __future__ import annotations

import numpy as np
from cases import case

RISING = np.linspace(0.0, 1.0, 40)
AROUND_ZERO = np.linspace(-1.0, 1.0, 40)


@case((RISING, AROUND_ZERO))
def quiet_division(x, y):
    with np.errstate(divide="ignore", invalid="ignore"):
        r = x / (y * 0.0)
    return r


@case((RISING, AROUND_ZERO), ulp=2)
def quiet_return(x, y):
    with np.errstate(all="ignore"):
        return np.log(y) / x


@case((RISING, AROUND_ZERO), ulp=2)
def half_quiet(x, y):
    z = 1 / x
    with np.errstate(divide="ignore"):
        r = x / (y * 0.0) + np.sqrt(y)
    return r, z, np.log(y)


@case((RISING, AROUND_ZERO, 40), (RISING, AROUND_ZERO, 41))
def quiet_loop(x, y, n):
    out = np.empty(n)
    with np.errstate(divide="ignore", invalid="ignore"):
        for i in range(n):
            out[i] = x[i] / (y[i] * 0 if i % 3 else 0.0)
            if i == 40:
                out[0] = np.log(y[0])
    out[1] = x[1] / (x[0] * 0)
    return out


def ratio(a, b):
    with np.errstate(all="ignore"):
        return a / b


@case((RISING, AROUND_ZERO))
def quiet_callee(x, y):
    s = 0.0
    for i in range(len(x)):
        r = ratio(x[i], y[i] * 0)
        if r == r:
            s += 1
    return s, x[0] / x[0]


@case((RISING, 0), (RISING, 3))
def quiet_early(x, n):
    for k in range(3):
        with np.errstate(over="ignore", divide="ignore"):
            y = x / (k - 1.0)
            if k == n:
                return y
            if n == 3:
                continue
            y = y * 2
    return y[0] / 0.0


@case((RISING, AROUND_ZERO), ulp=2)
def quiet_island(x, y):
    s = 0.0
    for v in x:
        s += v
    with np.errstate(divide="ignore"):
        z = np.log(y)
        w = sorted((np.log(x[:1]) * 1).tolist()), np.divide.reduce(x[::-1])
    return s, z, w
