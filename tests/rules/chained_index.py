"""NL207: one subscript does for two."""

import numpy as np


# safe
def element(x):
    A = np.asarray(x, dtype=float).reshape(-1, 1)
    return A[0][0]


# safe
def stored(x):
    A = np.array(x, dtype=float).reshape(1, -1)
    for i in range(A.shape[1]):
        A[0][i] += i
    return A


# safe
def sliced(x):
    A = np.asarray(x, dtype=float).reshape(1, -1)
    return A[-1][1:]


# safe
def out_of_range(x):
    A = np.asarray(x, dtype=float)
    return A[3][0]


# unsafe
def objects(x):
    A = np.array([[list(np.ravel(x))], [1]], dtype=object).reshape(2, 1)
    return A[0][0]


# none
def of_lists(x):
    A = [list(np.ravel(x))]
    return A[0][0]


# none
def slice_first(x):
    A = np.asarray(x, dtype=float).reshape(-1, 1)
    return A[1:][0]


# none
def truth_first(x):
    A = np.asarray(x, dtype=float).reshape(-1, 1)
    return A[True][0]
