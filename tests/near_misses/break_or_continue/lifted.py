# lift: x[x >= 0].sum()
# at: 8
import numpy as np


def kernel(x):
    total = 0.0
    for i in range(len(x)):
        if x[i] < 0:
            continue
        total += x[i]
    return total


print("%.6f" % kernel(np.array([1.0, 2.0, -1.0, 4.0, -2.0, 8.0])))
