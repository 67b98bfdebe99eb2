# lift: out[1:] = 1.0 + np.cumsum(x[1:])
# at: 8
import numpy as np


def kernel(x):
    out = np.ones(len(x))
    for i in range(1, len(x)):
        out[i] = out[i - 1] + x[i]
    return out


print(kernel(np.array([0.5, 2.0, -1.0, 0.25])))
