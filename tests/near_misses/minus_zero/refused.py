# refuse: minus-zero
# or: np.where(x <= 0, -x, x)
# at: 9
import numpy as np


def kernel(x):
    out = np.zeros(len(x))
    for i in range(len(x)):
        out[i] = -x[i] if x[i] <= 0 else x[i]
    return out


print(kernel(np.array([1.5, -2.0, 0.0, -0.0])))
