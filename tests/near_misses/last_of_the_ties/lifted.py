# lift: int(np.argmax(x)), nan apart
# at: 8
import numpy as np


def kernel(x):
    where = 0
    for i in range(1, len(x)):
        if x[i] > x[where]:
            where = i
    return where


print(kernel(np.array([2.0, 7.0, 1.0, 7.0, 3.0, 7.0, 0.0])))
