# lift: 2 * x + 1
# at: 22
import numpy as np


class Plain:
    def __init__(self):
        self.scale = 2.0


class Fading:
    level = 4.0

    @property
    def scale(self):
        self.level *= 0.5
        return self.level


def kernel(filter_, x):
    out = np.zeros(len(x))
    for i in range(len(x)):
        out[i] = filter_.scale * x[i] + 1
    return out


print(kernel(Plain(), np.array([1.0, 2.0, 3.0])))
