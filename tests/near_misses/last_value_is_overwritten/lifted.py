# lift: y = x + 1.0; last = y[-1] * x[-1]
# at: 9
import numpy as np


def kernel(x):
    y = np.ones(len(x))
    last = 0.0
    for i in range(len(x)):
        y[i] = x[i] + 1.0
        last = y[i] * x[i]
    return last, y


print(kernel(np.array([1.0, 0.5, 0.25, 2.0])))
