# refuse: carried
# at: 8
import numpy as np


def kernel(x):
    out = np.ones(len(x))
    for i in range(1, len(x)):
        out[i] = out[i - 2] + x[i]
    return out


print(kernel(np.array([0.5, 2.0, -1.0, 0.25])))
