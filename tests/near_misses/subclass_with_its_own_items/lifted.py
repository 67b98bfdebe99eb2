# lift: x + 1
# at: 13
import numpy as np


class Celsius(np.ndarray):
    def __getitem__(self, i):
        return super().__getitem__(i) - 273.0


def kernel(x):
    out = np.zeros(len(x))
    for i in range(len(x)):
        out[i] = x[i] + 1
    return out


x = np.array([300.0, 280.0, 310.0]).view(np.ndarray)
print(kernel(x))
