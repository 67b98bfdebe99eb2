# refuse: early-exit
# or: np.any, and 100 where there is none
# at: 9
import numpy as np


def kernel(x, wanted):
    found = 0
    for v in x:
        if v == wanted:
            found += 1
            break
    else:
        found += 100
    return found


print(kernel(np.array([4, 2, 7, 2, 2]), 2))
