# refuse: carried
# at: 7
import numpy as np


def kernel(idx, w, out, old):
    for k in range(len(idx)):
        out[idx[k]] = w[k] + out[k] * 0.5
    return out


idx = np.array([2, 0, 3, 1])
print(kernel(idx, np.array([1.0, 2.0, 4.0, 8.0]), np.zeros(4), np.zeros(4)))
