# lift: out[:] = 0.5 * a[:-1] + 1
# at: 7
import numpy as np


def kernel(a, out):
    for i in range(len(out)):
        out[i] = 0.5 * a[i] * a[i] + 1.0
    return out


a = np.array([1.0, 2.0, 0.5, 4.0, 3.0])
out = a[1:].copy()
print(kernel(a, out))
print(a)
