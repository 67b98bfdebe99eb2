# refuse: exception
# at: 8
import numpy as np


def kernel(x, kept):
    out = np.asarray(kept)
    for i in range(len(x)):
        out[i] = x[i] * x[i]
        print("%.1f" % out[i])
        if x[i] < 0.0:
            raise ValueError(i)
    return out


kept = np.zeros(4)
try:
    kernel(np.array([1.0, 2.0, -3.0, 4.0]), kept)
except ValueError as error:
    print("stopped at", error)
print(kept)
