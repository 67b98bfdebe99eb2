# lift: x.sum(dtype=np.float64)
# at: 8
import numpy as np


def kernel(x):
    total = 0.0
    for v in x:
        total += float(v)
    return total


x = np.full(300_000, 0.1, dtype=np.float32)
print("%.4f" % kernel(x))
