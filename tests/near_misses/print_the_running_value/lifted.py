# lift: x.sum() or np.add.accumulate(x)[-1], then one print
# at: 8
import numpy as np


def kernel(x):
    level = 0.0
    for i in range(len(x)):
        level += x[i] * x[i]
    print("level %.3f" % level)
    return level


print("%.6f" % kernel(np.array([1.0, 0.5, 0.25, 3.0])))
