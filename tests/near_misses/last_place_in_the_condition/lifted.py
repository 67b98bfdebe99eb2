# lift: np.flatnonzero(x > 2)[-1]
# at: 8
import numpy as np


def kernel(x):
    last = 0
    for i in range(len(x)):
        if x[i] > 2:
            last = i
    return last


print(kernel(np.array([1.0, 3.0, 4.0, 5.0, 2.5])))
