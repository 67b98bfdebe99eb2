# refuse: rebound
# or: nothing
# at: 13
import numpy as np


def kernel(x, k):
    def line(v):
        return k * v

    j = k + 1.0
    out = np.zeros(len(x))
    for i in range(len(x)):
        out[i] = line(x[i])
        k = k + 1.0
    return out, k


print(kernel(np.array([1.0, 2.0, 4.0]), 2.0))
