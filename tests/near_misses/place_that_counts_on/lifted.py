# lift: divmod(a.argmin(), a.shape[1])[0]
# at: 9
import numpy as np


def kernel(a):
    best = np.inf
    row = 0
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            if a[i, j] < best:
                best = a[i, j]
                row = i
    return row


print(kernel(np.array([[5.0, 3.0], [4.0, 1.0], [0.5, 7.0]])))
