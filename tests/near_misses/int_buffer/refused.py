# refuse: integer-buffer
# or: out[:] = x / 2, where all are finite and fit
# at: 9
import numpy as np


def kernel(x):
    out = np.zeros(len(x), dtype=int)
    for i in range(len(x)):
        out[i] = x[i] / 2
    return out


print(kernel(np.array([1.0, -3.0, 4.5, 7.0])))
