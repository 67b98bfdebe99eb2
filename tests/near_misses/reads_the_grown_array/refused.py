# refuse: carried
# at: 8
import numpy as np


def kernel(a):
    out = np.array([])
    for row in a:
        out = np.append(out, row * len(out))
    return out


print(kernel(np.arange(6.0).reshape(3, 2)))
