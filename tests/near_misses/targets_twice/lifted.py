# lift: out[idx] += w
# at: 7
import numpy as np


def kernel(idx, w, out):
    for k in range(len(idx)):
        out[idx[k]] += w[k]
    return out


idx = np.array([3, 0, 4, 1, 2])
print(kernel(idx, np.array([1.0, 2.0, 4.0, 8.0, 16.0]), np.zeros(5)))
