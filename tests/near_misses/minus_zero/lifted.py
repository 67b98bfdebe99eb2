# lift: np.abs(x)
# at: 8
import numpy as np


def kernel(x):
    out = np.zeros(len(x))
    for i in range(len(x)):
        out[i] = abs(x[i])
    return out


print(kernel(np.array([1.5, -2.0, 0.0, -0.0])))
