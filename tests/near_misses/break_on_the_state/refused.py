# refuse: early-exit
# or: the same over x up to the first large one
# at: 10
import numpy as np


def kernel(x, limit):
    total = 0.0
    large = 0
    for v in x:
        total = total + v
        if v > limit:
            large += 1
            break
        total = total + 0.125
    return total, large


print("%.6f %d" % kernel(np.array([1.0, 2.0, 6.0, 1.0, 7.0, 0.5]), 5.0))
