# lift: 1.0 / x, inf with a warning
# at: 10
import warnings

import numpy as np


def kernel(x):
    out = np.zeros(len(x))
    for i in range(len(x)):
        try:
            out[i] = 1.0 / x[i]
        except ZeroDivisionError:
            out[i] = -1.0
    return out


warnings.simplefilter("ignore")
x = np.array([1.0, 0.0, 8.0])
print(kernel(x))
