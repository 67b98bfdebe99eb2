# refuse: shadowed
# or: np.add.at with the indices of the function
# at: 14
import numpy as np

one_by_one = range


def range(n):
    return [k * k % n for k in one_by_one(n)]


def kernel(x, out):
    for i in range(len(x)):
        out[i] += x[i]
    return out


print(kernel(np.arange(7.0), np.ones(7)))
