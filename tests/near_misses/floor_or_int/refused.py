# refuse: truncates
# or: np.trunc(x).astype(int), where all are finite and fit
# at: 11
import math

import numpy as np


def kernel(x):
    cells = np.zeros(len(x), dtype=int)
    for i in range(len(x)):
        cells[i] = int(x[i])
    return cells


print(kernel(np.array([1.5, -0.5, -2.25, 3.0])), math.floor(-0.5))
