# lift: np.floor(x).astype(int)
# at: 10
import math

import numpy as np


def kernel(x):
    cells = np.zeros(len(x), dtype=int)
    for i in range(len(x)):
        cells[i] = math.floor(x[i])
    return cells


print(kernel(np.array([1.5, -0.5, -2.25, 3.0])), math.floor(-0.5))
