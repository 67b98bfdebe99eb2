# lift: np.sqrt(x)
# at: 8
import numpy as np


def kernel(x):
    roots = np.zeros_like(x)
    for k, v in enumerate(x):
        roots[k] = np.sqrt(v)
    return roots


x = np.array([0.0, 1, 2, 5, 10])
print(kernel(x).round(6))
