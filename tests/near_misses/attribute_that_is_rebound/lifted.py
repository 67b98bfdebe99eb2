# lift: self.x *= factor
# at: 12
import numpy as np


class Chain:
    def __init__(self):
        self.x = np.array([1.0, 2.0, 3.0])
        self.factor = 0.5

    def kernel(self):
        for i in range(len(self.x)):
            self.x[i] = self.x[i] * self.factor
            factor = self.x[i] + 1.0


def kernel(chain):
    chain.kernel()
    return chain.x


chain = Chain()
print(kernel(chain), chain.factor)
