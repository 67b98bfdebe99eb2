# lift: (A * w).sum(axis=1)
# at: 8
import numpy as np


def kernel(A, w):
    out = np.zeros(len(A))
    for i in range(len(A)):
        row = A[i]
        row = row * w
        out[i] = row.sum()
    return out


A = np.arange(6.0).reshape(2, 3)
w = np.array([1.0, 0.5, 2.0])
print(kernel(A, w))
print(A)
