# refuse: wraps
# at: 10
import warnings

import numpy as np


def kernel(x):
    out = np.zeros(len(x) - 1, dtype=np.int64)
    for i in range(len(x) - 1):
        out[i] = (x[i + 1]) - (x[i])
    return out


x = np.array([10, 250, 3, 77, 70], dtype=np.uint8)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print(kernel(x))
print(sorted({w.category.__name__ for w in caught}))
