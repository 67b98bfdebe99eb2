"""NL305: an extreme needs no order of all."""

import numpy as np


# unsafe
def greatest(x):
    return np.sort(np.ravel(x))[-1]


# unsafe
def least_reversed(x):
    return np.sort(np.ravel(x))[::-1][-1]


# none
def of_rows(x):
    x = np.asarray(x, dtype=float).reshape(1, -1)
    return np.sort(x)[0]


# none
def middle(x):
    return np.sort(np.ravel(x))[len(np.ravel(x)) // 2 :]
