# lift: out[1:-1] = sliding_window_view(x, 3).sum(axis=1)
# at: 7
import numpy as np


def kernel(x, out):
    for i in range(len(x) - 2):
        s = 0.0
        for k in range(3):
            s += x[i + k]
        out[i + 1] = s
    return out


print(kernel(np.array([1.0, 3.0, 4.0, 2.0, 0.5]), np.zeros(5)))
