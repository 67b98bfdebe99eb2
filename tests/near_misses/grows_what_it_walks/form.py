# The array form of lifted.py; in refused.py it would be wrong.
import numpy as np


def kernel(items, halves):
    x = np.array(items)
    halves.extend((x[x > 1.0] / 2).tolist())
    return len(items), len(halves)
