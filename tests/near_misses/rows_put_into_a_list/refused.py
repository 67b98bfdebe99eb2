# refuse: alias
# or: B[:] = list(A), the rows as views
# at: 8
import numpy as np


def kernel(A, B):
    for i in range(len(A)):
        B[i] = A[i]
    A[0, 0] = 100.0
    return [float(row[0]) for row in B]


A = np.arange(6.0).reshape(3, 2)
print(kernel(A, list(np.zeros((3, 2)))))
