# lift: x[1:] + 0.5 * x[:-1] ** 2
# at: 8
import numpy as np


def kernel(x):
    out = [0.0]
    for i in range(1, len(x)):
        out.append(x[i] + 0.5 * x[i - 1] ** 2)
    return np.array(out)


print(np.round(kernel(np.array([1.0, 0.5, 2.0, 0.25, 1.0])), 8))
