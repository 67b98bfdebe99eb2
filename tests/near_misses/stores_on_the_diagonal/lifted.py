# lift: d[i, j] = x[i] - x[j]; d[j, i] = x[j] + x[i]
# at: 9
import numpy as np


def kernel(x):
    n = len(x)
    d = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1, n):
            d[i, j] = x[i] - x[j]
            d[j, i] = x[j] + x[i]
    return d


print(kernel(np.array([1.0, 3.0, 4.0])))
