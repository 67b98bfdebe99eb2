# refuse: early-exit
# or: np.where(x > 0, 1, 0), then the last one -1
# at: 9
import numpy as np


def kernel(x):
    out = np.zeros(len(x))
    for i in range(len(x)):
        if x[i] > 0:
            out[i] = 1.0
    else:
        out[i] = -1.0
    return out


print(kernel(np.array([3.0, -1.0, 0.0, 2.0, 5.0])))
