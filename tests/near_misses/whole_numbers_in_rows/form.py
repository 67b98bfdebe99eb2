# The array form of lifted.py; in refused.py it would be wrong.
import numpy as np


def kernel(x):
    values = np.array(x)
    return np.column_stack((values, np.full(len(x), 2.0))).tolist()
