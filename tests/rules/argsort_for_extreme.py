"""NL304: the place of one element needs no order of all."""

import numpy as np


# unsafe
def greatest(x):
    return np.argsort(np.ravel(x))[-1]


# unsafe
def least(x):
    x = np.asarray(x, dtype=float).ravel()
    return x.argsort()[0]


# unsafe
def greatest_reversed(x):
    x = np.asarray(x, dtype=float).ravel()
    return np.argsort(x)[::-1][0]


# none
def second(x):
    return np.argsort(x)[1:2]


# none
def along_an_axis(x):
    x = np.asarray(x, dtype=float).reshape(1, -1)
    return np.argsort(x)[0]
