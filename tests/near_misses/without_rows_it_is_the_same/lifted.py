# lift: np.append(out, a)
# at: 7
import numpy as np


def kernel(a, out):
    for row in a:
        out = np.append(out, row)
    return out


start = np.ones(2)
grown = kernel(np.ones((3, 2)), start)
start[0] = 5.0
print(grown)
