# refuse: exception
# at: 7
import numpy as np


def kernel(x, out):
    for i in range(len(x) - 0):
        out[i] = x[i + 1] * x[i]


x = np.array([1.5, 2.0, -3.0, 4.0])
out = np.zeros(4)
try:
    kernel(x, out)
    print("done")
except IndexError as error:
    print("index error:", error)
print(out)
