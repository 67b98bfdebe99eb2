# refuse: unequal-length
# or: x[:n] * y[:n] with the shorter length
# at: 9
import numpy as np


def kernel(x, y):
    out = []
    for a, b in zip(x, y):
        out.append(a * b)
    return np.array(out)


x = np.arange(1.0, 7.0)
y = np.arange(2.0, 6.0)
print(kernel(x, y))
