# lift: a * 2.0
# at: 8
import numpy as np


def kernel(a, width):
    out = np.zeros((0, width))
    for row in a:
        out = np.vstack((out, row * 2.0))
    return out


try:
    print(kernel(np.arange(6.0).reshape(3, 2), 2))
except ValueError:
    print("another width")
