# refuse: minus-zero
# or: float(x.sum()) where x is not empty
# at: 9
import numpy as np


def kernel(x):
    total = -0.0
    for i in range(len(x)):
        total = total + x[i]
    return float(total)


print(kernel(np.array([-0.0, -0.0, -0.0])))
