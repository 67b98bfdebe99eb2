# lift: x * 2 and the length
# at: 8
import numpy as np


def kernel(x):
    out = np.zeros(len(x))
    for i in range(len(x)):
        twice = 2 * x[i]
        out[i] = twice
    return out, len(out)


print(kernel(np.array([1.0, 2.0])))
