# refuse: dtype
# at: 8
import numpy as np


def kernel(x):
    out = []
    for v in x:
        out.append(2 * v)
    return np.array(out)


x = [str(c) for c in "30517"]
print(kernel(x))
