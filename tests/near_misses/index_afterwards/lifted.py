# lift: x * 3 and k
# at: 8
import numpy as np


def kernel(x, k):
    out = np.zeros(len(x))
    for i in range(len(x)):
        out[i] = x[i] * 3
    return out, k


print(kernel(np.array([1.0, 2.0, 4.0]), -1))
