# refuse: carried
# at: 8
import numpy as np


def kernel(x, w):
    s = 1.0
    for i in range(len(x)):
        s = s * x[i] + w
    return s


print("%.9f" % kernel(np.array([0.5, 2.0, -1.0, 0.25]), 0.75))
