# refuse: alias
# or: under a test that there are rows
# at: 8
import numpy as np


def kernel(a, out):
    for row in a:
        out = np.append(out, row)
    return out


start = np.ones(2)
grown = kernel(np.ones((0, 2)), start)
start[0] = 5.0
print(grown)
