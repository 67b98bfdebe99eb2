"""NL307: `np.arange` makes what `range` would."""

import numpy as np


# safe
def written_out():
    return np.array(range(10)), np.array(list(range(2, 9, 3))), np.asarray(range(5, 0, -2))


# safe
def with_a_dtype(x):
    return np.array(range(len(np.ravel(x))), dtype=float)


# unsafe
def maybe_empty(x):
    return np.array(range(len(np.ravel(x))))


# unsafe
def empty():
    return np.array(range(0)), np.array(range(3, 3))


# unsafe
def of_anything(n):
    return np.array(list(range(n)), dtype=float)


# none
def of_a_list(x):
    return np.array(list(np.ravel(x)))
