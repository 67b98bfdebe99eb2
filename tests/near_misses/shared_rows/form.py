# The array form of lifted.py; in refused.py it would be wrong.
import numpy as np


def kernel(A, B):
    return (np.array(A) @ np.array(B)).tolist()
