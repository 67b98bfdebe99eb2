# lift: x * y
# at: 8
import numpy as np


def kernel(x, y):
    out = []
    for a, b in zip(x, y):
        out.append(a * b)
    return np.array(out)


x = np.arange(1.0, 7.0)
y = np.arange(2.0, 8.0)
print(kernel(x, y))
