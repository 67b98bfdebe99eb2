# refuse: dtype
# or: x[x > 1].astype(float)
# at: 9
import numpy as np


def kernel(x):
    out = np.array([])
    for i in range(len(x)):
        if x[i] > 1:
            out = np.append(out, x[i])
    return out


result = kernel(np.array([3, 0, 1, 5]))
print(result, result.dtype)
