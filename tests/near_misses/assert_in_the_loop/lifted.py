# lift: x * x after one check of all
# at: 7
import numpy as np


def kernel(x, out):
    for i in range(len(x)):
        assert x[i] > -10.0, "bad value"
        out[i] = x[i] * x[i]


out = np.zeros(4)
try:
    kernel(np.array([1.0, 2.0, -3.0, 4.0]), out)
except AssertionError as error:
    print(error)
print(out)
