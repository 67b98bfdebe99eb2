"""NL306: powers with small exponents are products."""

import numpy as np


# safe
def of_ints(x):
    x = np.asarray(x, dtype=np.int64).ravel()
    return x**3


# safe
def of_small_ints(x):
    x = np.asarray(x, dtype=float).ravel().astype(np.int8)
    return 2 - x**3, 2 * x**3, -(x**3), x**3 // 2, x**4, (x**4).sum()


# unsafe
def of_floats(x):
    x = np.asarray(x, dtype=float).ravel()
    return x**3


# none
def squared(x):
    x = np.asarray(x, dtype=float).ravel()
    return x**2, x**0.5, x**-1, x**5


# none
def a_number(x):
    x = float(np.ravel(x).size)
    return x**3


# none
def of_truth(x):
    x = np.asarray(x, dtype=float).ravel() > 0
    return x**3
