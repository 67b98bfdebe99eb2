# lift: np.sqrt(x), nan with a warning
# at: 10
import math
import warnings

import numpy as np


def kernel(x, out):
    for i in range(len(x)):
        out[i] = np.sqrt(x[i])


warnings.simplefilter("ignore")
out = np.zeros(4)
try:
    kernel(np.array([1.0, 4.0, -9.0, 16.0]), out)
except ValueError as error:
    print(error)
print(out, math.pi > 3)
