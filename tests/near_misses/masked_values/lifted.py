# lift: x.sum()
# at: 10
import warnings

import numpy as np


def kernel(x):
    total = 0.0
    for i in range(len(x)):
        total = total + x[i]
    return total


warnings.simplefilter("ignore")
x = np.ma.masked_less([1.0, -2.0, 3.0, 4.0], 0.0).filled(0.0)
print(kernel(x))
