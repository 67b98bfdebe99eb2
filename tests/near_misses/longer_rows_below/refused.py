# refuse: unequal-length
# or: under a test of the width
# at: 9
import numpy as np


def kernel(a, width):
    out = np.zeros((0, width))
    for row in a:
        out = np.vstack((out, row * 2.0))
    return out


try:
    print(kernel(np.arange(6.0).reshape(3, 2), 3))
except ValueError:
    print("another width")
