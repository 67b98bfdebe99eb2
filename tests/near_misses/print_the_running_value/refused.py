# refuse: side-effect
# or: np.add.accumulate(x * x), then a loop that prints
# at: 9
import numpy as np


def kernel(x):
    level = 0.0
    for i in range(len(x)):
        level += x[i] * x[i]
        print("level %.3f" % level)
    return level


print("%.6f" % kernel(np.array([1.0, 0.5, 0.25, 3.0])))
