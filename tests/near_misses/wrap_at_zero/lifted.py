# lift: out[1:] = x[1:] - x[:-1]
# at: 8
import numpy as np


def kernel(x):
    out = np.zeros(len(x))
    for i in range(1, len(x)):
        out[i] = x[i] - x[i - 1]
    return out


x = np.array([2.0, 7.0, 1.0, 8.0, 2.5])
print(kernel(x))
