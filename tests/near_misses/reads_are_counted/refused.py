# refuse: not-an-array
# at: 21
import numpy as np


class Meter:
    def __init__(self, values):
        self.values = values
        self.reads = 0

    def __len__(self):
        return len(self.values)

    def __getitem__(self, i):
        self.reads += 1
        return self.values[i] + self.reads


def kernel(x):
    out = np.zeros(len(x))
    for i in range(len(x)):
        out[i] = x[i] * x[i]
    return out


print(kernel(Meter([1.0, 2.0, 3.0, 4.0])))
