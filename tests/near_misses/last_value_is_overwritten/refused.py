# refuse: carried
# or: the store behind the loop that stays
# at: 10
import numpy as np


def kernel(x):
    y = np.ones(len(x))
    last = 0.0
    for i in range(len(x)):
        last = y[i] * x[i]
        y[i] = x[i] + 1.0
    return last, y


print(kernel(np.array([1.0, 0.5, 0.25, 2.0])))
