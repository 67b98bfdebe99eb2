# refuse: integer-buffer
# at: 7
import numpy as np


def kernel(x, out):
    for i in range(len(x)):
        out[i] = x[i] * 2


x = np.array([1.0, 2.5, np.nan, 4.0])
out = np.zeros(4, dtype=np.int64)
try:
    kernel(x, out)
except ValueError as error:
    print(type(error).__name__, error)
print(out)
