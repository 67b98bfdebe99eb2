# lift: np.add.at(h, idx, w)
# at: 8
import numpy as np


def kernel(idx, w):
    h = np.zeros(4)
    for i in range(len(idx)):
        h[idx[i]] = h[idx[i]] + w[i]
    return h


print(kernel(np.array([0, 3, 3, 1]), np.array([1.0, 2.0, 4.0, 8.0])))
