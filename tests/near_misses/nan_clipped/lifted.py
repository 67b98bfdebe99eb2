# lift: np.clip(x, 0, 1), nan stays nan
# at: 8
import numpy as np


def kernel(x):
    out = np.empty(len(x))
    for i in range(len(x)):
        v = x[i]
        if v < 0.0:
            out[i] = 0.0
        elif v > 1.0:
            out[i] = 1.0
        else:
            out[i] = v
    return out


print(kernel(np.array([-2.0, 0.25, np.nan, 3.0])))
