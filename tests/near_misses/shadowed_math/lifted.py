# lift: np.sqrt(x), with math's error for what is negative
# at: 21
import math

import numpy as np


class Rough:
    calls = 0

    def sqrt(self, v):
        self.calls += 1
        return v / self.calls


maths = Rough()


def kernel(x):
    out = np.zeros(len(x))
    for i in range(len(x)):
        out[i] = math.sqrt(x[i])
    return out


print(kernel(np.array([4.0, 9.0, 25.0])))
