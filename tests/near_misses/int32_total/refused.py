# refuse: wraps
# at: 10
import warnings

import numpy as np


def kernel(a):
    total = 0
    for v in a:
        total += v
    return total


a = np.full(5, 1_500_000_000, dtype=np.int32)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print(kernel(a))
print(len(caught) > 0)
