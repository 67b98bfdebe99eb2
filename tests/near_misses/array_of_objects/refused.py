# refuse: dtype
# at: 10
import math

import numpy as np


def kernel(x):
    out = np.zeros(len(x))
    for i in range(len(x)):
        out[i] = math.sqrt(x[i])
    return out


x = np.array([4, 9, 10**24], dtype=object)
print(kernel(x))
