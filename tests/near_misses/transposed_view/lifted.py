# lift: out[:] = 2 * a + 1
# at: 7
import numpy as np


def kernel(a, out):
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            out[i, j] = 2 * a[i, j] + 1
    return out


a = np.arange(9.0).reshape(3, 3)
out = a.T.copy()
print(kernel(a, out))
print(a)
