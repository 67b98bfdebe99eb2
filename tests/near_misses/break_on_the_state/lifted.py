# lift: x.sum() with a count of the large
# at: 9
import numpy as np


def kernel(x, limit):
    total = 0.0
    large = 0
    for v in x:
        total = total + v
        if v > limit:
            large += 1
            continue
        total = total + 0.125
    return total, large


print("%.6f %d" % kernel(np.array([1.0, 2.0, 6.0, 1.0, 7.0, 0.5]), 5.0))
