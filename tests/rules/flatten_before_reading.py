"""NL202: a copy that is read once."""

import numpy as np


# safe
def sorted_flat(x):
    x = np.asarray(x)
    return np.sort(x.flatten())


# safe
def added_up(x):
    x = np.asarray(x, dtype=float)
    return x.flatten().sum(), np.cumsum(x.flatten("F")), x.T.flatten().max(initial=0)


# none
def kept(x):
    x = np.asarray(x, dtype=float)
    y = x.flatten()
    y[:1] = 7
    return x, y


# none
def given_to_anybody(x):
    x = np.asarray(x, dtype=float)
    return print_and_keep(x.flatten())


def print_and_keep(y):
    return [y]
