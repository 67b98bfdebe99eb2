# lift: 2 * np.array(x)
# at: 8
import numpy as np


def kernel(x):
    out = []
    for v in x:
        out.append(2 * v)
    return np.array(out)


x = [int(c) for c in "30517"]
print(kernel(x))
