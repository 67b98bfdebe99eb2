# refuse: carried
# at: 11
import numpy as np


def kernel(x):
    out = np.zeros(len(x))
    k = 0
    n = len(x)
    m = n
    while k < n:
        out[k] = x[k] + 1
        if x[k] > 2:
            n -= 1
        k += 1
    return out, n


print(kernel(np.array([1.0, 3.0, 5.0, 0.0, 4.0, 2.0, 1.0])))
