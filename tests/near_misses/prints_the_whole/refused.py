# refuse: carried
# at: 8
import numpy as np


def kernel(x):
    out = np.zeros(len(x))
    for i in range(len(x)):
        out[i] = x[i] * 2.0
        if i % 2 == 0:
            print(out)
    return out


print(kernel(np.array([1.0, 2.0, 3.0])))
