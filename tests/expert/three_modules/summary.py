"""Numbers for the report."""
import numpy as np


def mean(x):
    return x.mean()


def extremes(x):
    return x.min(), x.max()


def count_above(x, limit):
    return np.count_nonzero(x > limit)
