# lift: np.where(y > x, y, x)
# at: 13
import numpy as np


def louder(a, b, heard=[]):
    heard.append(a)
    return len(heard) + b


def kernel(x, y, pick):
    out = np.empty(len(x))
    for i in range(len(x)):
        out[i] = max(x[i], y[i])
    return out


print(kernel(np.array([1.0, 5.0, 2.0]), np.array([3.0, 4.0, 2.5]), louder))
