# refuse: mask
# or: x[mask != 0]
# at: 9
import numpy as np


def kernel(x, mask):
    kept = []
    for i in range(len(x)):
        if mask[i]:
            kept.append(x[i])
    return np.array(kept)


x = np.array([5.0, -1.0, 2.0, -3.0, 4.0])
mask = (x > 0) * 1
print(kernel(x, mask))
