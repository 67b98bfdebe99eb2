# lift: c[:] = a + shifted b
# at: 7
import numpy as np


def kernel(a, b, c):
    for i in range(1, len(a)):
        c[i] = a[i] + b[i - 1] * b[i - 1]


p = np.array([1.0, 2.0, 3.0, 0.5])
q = np.array([0.5, 1.0, 0.25, 2.0])
r = np.zeros(4)
kernel(p, q, r)
print(p, q, r)
