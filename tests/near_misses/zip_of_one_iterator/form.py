# The array form of lifted.py; in refused.py it would be wrong.
import numpy as np


def kernel(x):
    return x * x
