# refuse: exception
# at: 9
import warnings

import numpy as np


def kernel(values, out):
    for i in range(len(values)):
        out[i] = 1.0 / values[i]


warnings.simplefilter("ignore")
values = list([4.0, 0.5, 0.0, 2.0])
out = np.full(4, 7.0)
try:
    kernel(values, out)
except ZeroDivisionError as error:
    print(error)
print(out)
