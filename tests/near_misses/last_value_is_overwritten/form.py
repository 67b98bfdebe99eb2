import numpy as np


def kernel(x):
    y = x + 1.0
    last = y[-1] * x[-1]
    return last, y
