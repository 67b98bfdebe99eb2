# lift: np.minimum(x * x, limit), nan kept
# at: 7
import numpy as np


def kernel(x, limit, out):
    for i in range(len(x)):
        y = x[i] * x[i]
        if y > limit:
            y = limit
        out[i] = y
    return len(x)


out = np.full(6, -1.0)
print(kernel(np.array([1.0, 2.0, 5.0, 1.5, 9.0, 0.5]), 10.0, out))
print(out)
