# refuse: wraps
# or: the first element apart, with x[-1]
# at: 9
import numpy as np


def kernel(x, n):
    out = np.zeros(n)
    for i in range(1, n):
        out[i] = x[i - 2] + x[i]
    return out


x = np.array([5.0, -1.0, 0.5, 4.0, 8.0, 3.0])
print(kernel(x, 6))
