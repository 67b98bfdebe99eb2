# refuse: wraps
# or: x - np.roll(x, 1)
# at: 9
import numpy as np


def kernel(x):
    out = np.zeros(len(x))
    for i in range(len(x)):
        out[i] = x[i] - x[i - 1]
    return out


x = np.array([2.0, 7.0, 1.0, 8.0, 2.5])
print(kernel(x))
