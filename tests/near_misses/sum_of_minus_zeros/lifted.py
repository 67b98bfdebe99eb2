# lift: 0.0 + x.sum()
# at: 8
import numpy as np


def kernel(x):
    total = 0
    for i in range(len(x)):
        total = total + x[i]
    return float(total)


print(kernel(np.array([-0.0, -0.0, -0.0])))
