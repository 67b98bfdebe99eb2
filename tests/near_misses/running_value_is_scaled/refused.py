# refuse: carried
# at: 9
import numpy as np


def kernel(x):
    out = np.zeros(len(x))
    s = 0.0
    for i in range(len(x)):
        s = x[i] - s
        out[i] = s
    return out


print(kernel(np.array([0.5, 2.0, -1.0, 0.25])))
