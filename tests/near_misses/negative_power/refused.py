# refuse: exception
# at: 10
import warnings

import numpy as np


def kernel(values):
    total = 0.0
    for v in values:
        total += v ** -1
    return total


warnings.simplefilter("ignore")
values = np.array([1, 2, 4])
try:
    print("%.6f" % kernel(values))
except ValueError as error:
    print(error)
