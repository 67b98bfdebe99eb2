"""Functions of NumPy as loops and as other functions; see `forms.rs`."""

import numpy as np


def bincount(x: "iu 1", minlength: "int" = 0):
    if minlength < 0:
        raise ValueError
    if len(x) == 0:
        return np.zeros(minlength, np.int64)
    if int(np.min(x)) < 0:
        raise ValueError
    out = np.zeros(max(int(np.max(x)) + 1, minlength), np.int64)
    for i in range(len(x)):
        out[x[i]] += 1
    return out


def bincount__weighted(x: "iu 1", weights: "biufd 1", minlength: "int" = 0):
    if minlength < 0 or len(x) != len(weights):
        raise ValueError
    if len(x) == 0:
        return np.zeros(minlength, np.int64)
    if int(np.min(x)) < 0:
        raise ValueError
    out = np.zeros(max(int(np.max(x)) + 1, minlength), np.float64)
    for i in range(len(x)):
        out[x[i]] += np.float64(weights[i])
    return out
