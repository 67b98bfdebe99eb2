"""NL302: a mask is an index itself, if it has the array's shape."""

import numpy as np


# safe
def of_itself(x):
    x = np.asarray(x, dtype=float).ravel()
    return x[np.where(x > 0)]


# safe
def of_itself_swapped(x):
    x = np.asarray(x, dtype=np.int64).ravel()
    return x[np.nonzero(0 < x)]


# safe
def not_a_number(x):
    x = np.asarray(x, dtype=float).ravel()
    return x[np.where(np.isnan(x))]


# safe
def number_is_stored(x):
    x = np.array(x, dtype=float).ravel()
    x[np.where(x > 1)] = 0
    return x


# unsafe
def array_is_stored(x):
    x = np.array(x, dtype=float).ravel()
    x[np.where(x > 1)] = np.ones(1)
    return x


# unsafe
def rank_is_open(x):
    x = np.asarray(x, dtype=float)
    return x[np.where(x > 0)]


# trap
def shorter_mask(x):
    x = np.asarray(x, dtype=float).ravel()
    return x[np.where(x[:2] > 0)]


# unsafe
def declared(x: np.ndarray):
    return x[np.where(x > 0)]


# none
def of_numbers(x):
    x = np.asarray(x, dtype=np.int64).ravel()
    return x[np.where(x)]


# none
def three_arguments(x):
    x = np.asarray(x, dtype=np.int64).ravel()
    return x[np.where(x > 0, 0, -1)]
