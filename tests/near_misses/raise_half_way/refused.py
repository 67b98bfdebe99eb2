# refuse: exception
# at: 7
import numpy as np


def kernel(x, out):
    for i in range(len(x)):
        v = x[i]
        if v < 0:
            raise ValueError("negative at %d" % i)
        out[i] = v * v


out = np.full(5, -1.0)
try:
    kernel(np.array([2.0, 3.0, -1.0, 4.0, -2.0]), out)
except ValueError as error:
    print("stopped:", error)
print(out)
