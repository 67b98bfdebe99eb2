# refuse: carried
# at: 8
import numpy as np


def kernel(x):
    best = np.inf
    for v in x:
        if not v >= best:
            best = v
    return best


print(kernel(np.array([3.0, 1.0, np.nan, 2.0, 5.0])))
