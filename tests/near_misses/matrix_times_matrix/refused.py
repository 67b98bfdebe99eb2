# refuse: subclass
# or: np.asarray(A) * np.asarray(B)
# at: 11
import warnings

import numpy as np


def kernel(A, B):
    out = np.zeros(A.shape)
    for i in range(A.shape[0]):
        for j in range(A.shape[1]):
            out[i, j] = A[i, j] * B[i, j]
    return out


warnings.simplefilter("ignore")
A = np.matrix([[1.0, 2.0], [3.0, 4.0]])
B = np.matrix([[0.5, 1.0], [2.0, 0.0]])
print(kernel(A, B))
