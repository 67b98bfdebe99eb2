"""NL301: builtins take elements out of arrays one by one."""

import numpy as np


# safe
def greatest_of_ints(x):
    x = np.asarray(x, dtype=np.int64).ravel()
    return max(x)


# safe
def least_of_truth(x):
    x = np.asarray(x, dtype=float).ravel() > 0
    return min(x)


# safe
def any_in_a_condition(x):
    x = np.asarray(x, dtype=float).ravel()
    return "some" if any(x) else "none"


# safe
def all_in_a_condition(x):
    x = np.asarray(x, dtype=float).ravel() > 0
    if not all(x):
        return 0
    return 1


# unsafe
def greatest_of_floats(x):
    x = np.asarray(x, dtype=float).ravel()
    return max(x)


# unsafe
def added_up(x):
    x = np.asarray(x, dtype=float).ravel()
    return sum(x)


# unsafe
def any_as_a_value(x):
    x = np.asarray(x, dtype=float).ravel()
    return any(x)


# none
def of_rows(x):
    x = np.asarray(x, dtype=float).reshape(1, -1)
    return sum(x)


# none
def of_a_list(x):
    return sum(np.asarray(x, dtype=float).ravel().tolist())


# none
def with_a_key(x):
    x = np.asarray(x, dtype=np.int64).ravel()
    return max(x, key=lambda v: -v)
