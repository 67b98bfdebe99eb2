# refuse: alias
# at: 7
import numpy as np


def kernel(A, B, w):
    for i in range(len(A)):
        for j in range(len(w)):
            A[i, j] = A[i, j] + w[i] * B[i, j]


A = np.array([[1.0, 2.0], [3.0, 4.0]])
B = np.array([[0.5, 1.0], [1.5, 2.0]])
w = A[:, 0]
kernel(A, B, w)
print(A)
