# refuse: alias
# at: 8
import numpy as np


def kernel(a, out):
    n = len(a)
    for i in range(n):
        out[i] = a[i]


a = np.array([1, 2, 3, 4, 5, 6])
mirror = a[::-1]
kernel(a, mirror)
print(a, mirror)
