# refuse: carried
# or: one row at a time
# at: 8
import numpy as np


def kernel(b):
    for i in range(1, len(b), 1):
        for j in range(b.shape[1]):
            b[i, j] = 0.5 * b[i - 1, j] * b[i - 1, j] + b[i, j]
    return b


b = np.arange(12.0).reshape(4, 3) / 5
print(np.round(kernel(b), 6))
