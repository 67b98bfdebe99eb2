# refuse: shadowed
# at: 15
import numpy as np

told = []


def sum(row):
    told.append(len(told))
    return row[0] * len(told)


def kernel(A):
    out = np.zeros(len(A))
    for i in range(len(A)):
        out[i] = sum(A[i])
    return out


print(kernel(np.arange(12.0).reshape(4, 3)), told)
