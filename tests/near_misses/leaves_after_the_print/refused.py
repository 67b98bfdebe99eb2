# refuse: early-exit
# at: 8
import numpy as np


def kernel(x):
    out = np.zeros(len(x))
    for i in range(len(x)):
        out[i] = x[i] * x[i]
        if x[i] > 2.0:
            print("large at", i)
            break
    return out


print(kernel(np.array([1.0, 3.0, 2.0, 4.0])))
