"""NL303: counting needs no indices."""

import numpy as np


# safe
def in_a_condition(x):
    x = np.asarray(x, dtype=float).ravel()
    return 1 if len(np.where(x > 0)[0]) > 2 else 0


# safe
def of_a_flat_one(x):
    x = np.asarray(x, dtype=float)
    if np.flatnonzero(x).size:
        return "some"
    return "none"


# safe
def of_two_axes(x):
    x = np.array([np.asarray(x, dtype=float).ravel(), np.asarray(x, dtype=float).ravel()]).reshape(2, -1)
    while np.nonzero(x)[0].shape[0] == 0:
        return "empty"
    return "full"


# unsafe
def as_a_value(x):
    x = np.asarray(x, dtype=float).ravel()
    return len(np.where(x > 0)[0])


# unsafe
def rank_is_open(x):
    x = np.asarray(x, dtype=float)
    return bool(len(np.where(x > 0)[0]))


# unsafe
def anything(x):
    if len(np.where(x)[0]) > 0:
        return 1
    return 0


# none
def of_other_axis(x):
    return len(np.where(x)[1])


# none
def indices_are_needed(x):
    places = np.where(np.ravel(x))[0]
    return len(places), places
