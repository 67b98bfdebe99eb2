# refuse: wraps
# at: 10
import warnings

import numpy as np


def kernel(x):
    out = np.zeros(len(x), dtype=np.int64)
    for i in range(len(x)):
        v = x[i]
        out[i] = v * v
    return out


x = np.array([3, 50_000, -70_000], dtype=np.int32)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print(kernel(x))
print(len(caught))
