"""NL208: an array that nobody else has is changed in place."""

import numpy as np


# safe
def scaled(x):
    y = np.abs(np.asarray(x, dtype=float).ravel())
    y = y * 2
    return y


# safe
def copied(x):
    y = np.asarray(x, dtype=np.int64).ravel().copy()
    y = y // 3
    return x, y


# safe
def operator(x):
    y = np.asarray(x, dtype=np.float32).ravel() + 1
    y = y / 3.5
    return x, y


# safe
def rank_is_open(x):
    y = np.sqrt(np.asarray(x, dtype=float))
    y = y - 0.5
    return x, y


# safe
def powers(x):
    y = np.abs(np.asarray(x, dtype=float).ravel())
    y = y**0.5
    z = np.asarray(x, dtype=float).ravel().copy()
    z = z**2
    w = np.asarray(x, dtype=float).ravel() + 1
    w = w**3
    v = np.asarray(x, dtype=float).ravel() + 1
    v = v**-1.0
    return y, z, w, v


# none
def a_view(x):
    y = np.asarray(x, dtype=float).ravel()
    y = y * 2
    return x, y


# none
def another_has_it(x):
    y = np.abs(np.asarray(x, dtype=float).ravel())
    z = y
    y = y * 2
    return y, z


# none
def another_dtype(x):
    y = np.asarray(x, dtype=np.int64).ravel().copy()
    y = y / 2
    return y


# none
def stretched(x):
    y = np.abs(np.asarray(x, dtype=float).ravel())
    y = y * np.ones((2, 1))
    return y


# none
def caught(x):
    try:
        y = np.abs(np.asarray(x, dtype=float).ravel())
        y = y * 2
    except FloatingPointError:
        return y
    return y
