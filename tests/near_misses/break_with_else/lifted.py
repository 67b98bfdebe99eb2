# lift: (x == wanted).sum()
# at: 8
import numpy as np


def kernel(x, wanted):
    found = 0
    for v in x:
        if v == wanted:
            found += 1
            pass
    else:
        found += 100
    return found


print(kernel(np.array([4, 2, 7, 2, 2]), 2))
