"""NL103: functions that take an axis."""

import numpy as np


# unsafe
def rows(A):
    return np.apply_along_axis(np.sum, 1, A), np.apply_along_axis(np.argmax, 0, A), np.apply_along_axis(np.sort, 1, A)


# none
def own(A):
    return np.apply_along_axis(lambda row: row.sum(), 1, A), np.apply_along_axis(np.sum, 1, A, dtype=float)
