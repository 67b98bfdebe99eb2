# refuse: no-array-form
# at: 8
import numpy as np


def kernel(x):
    total = 0.0
    for v in x:
        total += v
    return total


x = np.array([60000, 60000, -60000, -60000] + [0] * 60, dtype=np.float16)
print(kernel(x))
