# refuse: loop-variable
# or: the same with i = len(x) - 1 where x is not empty
# at: 9
import numpy as np


def kernel(x, k):
    out = np.zeros(len(x))
    for i in range(len(x)):
        out[i] = x[i] * 3
    return out, i


print(kernel(np.array([1.0, 2.0, 4.0]), -1))
