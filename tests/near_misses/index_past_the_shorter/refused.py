# refuse: unequal-length
# at: 7
import numpy as np


def kernel(x, y, out):
    for i in range(len(x)):
        out[i] = x[i] + y[i]


x = np.arange(6.0)
y = np.linspace(0.0, 1.0, 4)
out = np.full(6, -1.0)
try:
    kernel(x, y, out)
except IndexError as error:
    print("IndexError", error)
print(np.round(out, 6))
