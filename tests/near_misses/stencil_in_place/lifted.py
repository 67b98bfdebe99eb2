# lift: out[1:-1] = (a[:-2] + a[2:]) / 2
# at: 7
import numpy as np


def kernel(a, out):
    for i in range(1, len(a) - 1):
        out[i] = (a[i - 1] + a[i + 1]) / 2
    return out


a = np.array([3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0])
out = np.zeros(8)
print(kernel(a, out)[1:-1])
print(a, out.sum() >= 0)
