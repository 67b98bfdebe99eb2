# The array form of lifted.py; in refused.py it would be wrong.
import numpy as np


def kernel(a, out):
    return np.append(out, a)
