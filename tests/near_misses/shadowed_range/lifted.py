# lift: out += x
# at: 13
import numpy as np

one_by_one = range


def every(n):
    return [k * k % n for k in one_by_one(n)]


def kernel(x, out):
    for i in range(len(x)):
        out[i] += x[i]
    return out


print(kernel(np.arange(7.0), np.ones(7)))
