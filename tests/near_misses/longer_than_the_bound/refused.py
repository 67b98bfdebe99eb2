# refuse: unequal-length
# at: 7
import numpy as np


def kernel(x, out):
    for i in range(len(x)):
        out[i] = x[i] + 0.5
    return out


x = np.arange(7.0)
out = np.zeros(4)
try:
    print(kernel(x, out))
except IndexError as error:
    print("IndexError", error)
print(out)
