# lift: a.ravel()
# at: 8
import numpy as np


def kernel(a):
    out = []
    for row in a:
        out.extend(row)
    return np.array(out)


print(kernel(np.ones((3, 2), dtype=np.int64)).dtype)
