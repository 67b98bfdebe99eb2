# refuse: carried
# at: 8
import numpy as np


def kernel(x):
    out = np.zeros(len(x))
    for i in range(len(x)):
        out[i] = x[i]
        x = x[::-1] * 0.5
    return out


print(kernel(np.array([8.0, 4.0, 2.0, 1.0])))
