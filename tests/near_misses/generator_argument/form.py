# The array form of lifted.py; in refused.py it would be wrong.
import numpy as np


def kernel(values):
    values = np.array(list(values))
    total = values.sum()
    return total, ((values - total) ** 2).sum()
