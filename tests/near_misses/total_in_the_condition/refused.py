# refuse: carried
# at: 8
import numpy as np


def kernel(x):
    total = 0.0
    for v in x:
        if v > total:
            total += v
    return total


print("%.6f" % kernel(np.array([0.5, 2.0, 1.5, 4.0, 3.0])))
