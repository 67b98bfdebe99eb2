# refuse: carried
# at: 7
import numpy as np


def kernel(x, y):
    for i, v in enumerate(x[:-1]):
        x[i + 1] = 2 * v * v + 1
    return y


x = np.array([1.0, 0.5, 0.25, 2.0])
print(kernel(x, np.zeros(4)))
print(x)
