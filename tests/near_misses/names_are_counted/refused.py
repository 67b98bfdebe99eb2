# refuse: loop-variable
# or: the same with i and twice bound
# at: 9
import numpy as np


def kernel(x):
    out = np.zeros(len(x))
    for i in range(len(x)):
        twice = 2 * x[i]
        out[i] = twice
    return out, len(vars())


print(kernel(np.array([1.0, 2.0])))
