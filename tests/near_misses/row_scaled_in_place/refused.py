# refuse: alias
# or: A *= w, then A.sum(axis=1)
# at: 9
import numpy as np


def kernel(A, w):
    out = np.zeros(len(A))
    for i in range(len(A)):
        row = A[i]
        row *= w
        out[i] = row.sum()
    return out


A = np.arange(6.0).reshape(2, 3)
w = np.array([1.0, 0.5, 2.0])
print(kernel(A, w))
print(A)
