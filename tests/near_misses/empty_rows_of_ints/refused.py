# refuse: no-array-form
# or: under a test that there are numbers
# at: 9
import numpy as np


def kernel(a):
    out = []
    for row in a:
        out.extend(row)
    return np.array(out)


print(kernel(np.ones((3, 0), dtype=np.int64)).dtype)
