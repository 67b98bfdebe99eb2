# refuse: nan
# or: np.where(x > 0, np.where(x > 1, 1.0, x), 0.0)
# at: 9
import numpy as np


def kernel(x):
    out = np.empty(len(x))
    for i in range(len(x)):
        v = x[i]
        if not v > 0.0:
            out[i] = 0.0
        elif v > 1.0:
            out[i] = 1.0
        else:
            out[i] = v
    return out


print(kernel(np.array([-2.0, 0.25, np.nan, 3.0])))
