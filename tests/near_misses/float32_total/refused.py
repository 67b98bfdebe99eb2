# refuse: rounding
# or: np.add.accumulate(x)[-1]
# at: 9
import numpy as np


def kernel(x):
    total = 0.0
    for v in x:
        total += v
    return total


x = np.full(300_000, 0.1, dtype=np.float32)
print("%.4f" % kernel(x))
