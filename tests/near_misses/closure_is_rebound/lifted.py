# lift: k * x
# at: 12
import numpy as np


def kernel(x, k):
    def line(v):
        return k * v

    k = k + 1.0
    out = np.zeros(len(x))
    for i in range(len(x)):
        out[i] = line(x[i])
        last = i
    return out, k


print(kernel(np.array([1.0, 2.0, 4.0]), 2.0))
