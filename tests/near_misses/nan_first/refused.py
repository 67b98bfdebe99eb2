# refuse: carried
# at: 8
import numpy as np


def kernel(x):
    low = x[0]
    for i in range(1, len(x)):
        low = min(x[i], low)
    return low


print(kernel(np.array([2.0, 1.0, np.nan, 3.0])))
