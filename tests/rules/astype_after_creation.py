"""NL204: an array is made in the dtype that is wanted."""

import numpy as np


# safe
def zeros():
    return np.zeros((2, 3)).astype(int), np.ones(4).astype("float32"), np.zeros([2]).astype(bool)


# unsafe
def empty():
    return np.empty((2, 3)).astype(int).shape


# none
def text():
    return np.zeros(3).astype(str), np.zeros(3).astype(object)


# none
def with_a_dtype():
    return np.zeros(3, dtype=np.int8).astype(float), np.full(3, 1.5).astype(int)
