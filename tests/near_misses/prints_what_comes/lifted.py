# lift: out[:-1] = x[:-1] * 2.0, then the loop that prints
# at: 8
import numpy as np


def kernel(x):
    out = np.zeros(len(x))
    for i in range(len(x) - 1):
        out[i] = x[i] * 2.0
        print("%.1f" % out[i])
    return out


print(kernel(np.array([1.0, 2.0, 3.0, 4.0])))
