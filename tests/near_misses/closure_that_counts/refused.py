# refuse: counts
# at: 15
import numpy as np


def kernel(x, k):
    calls = 0

    def line(v):
        nonlocal calls
        calls = k * v
        return calls

    out = np.zeros(len(x))
    for i in range(len(x)):
        out[i] = line(x[i])
    return out, calls


print(kernel(np.array([1.0, 2.0, 4.0]), 2.0))
