# refuse: carried
# at: 8
import numpy as np


def kernel(b):
    n = len(b)
    for i in range(n):
        t = b[i]
        b[i] = b[n - 1 - i]
        b[n - 1 - i] = t
    return b


print(kernel(np.array([1, 2, 3, 4, 5])))
