# The array form of lifted.py; in refused.py it would be wrong.
import numpy as np


def kernel(rows):
    return np.array(rows).sum(axis=1).tolist()
