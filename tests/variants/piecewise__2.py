import math
import numpy as np

# height of a wave: flat, a bump, a tail


class Wave:
    def __init__(self, width):
        self.width = width

    def bump(self, s):
        return 0.5 * (1.0 + math.cos(math.pi * s / self.width))

    def height(self, x):
        y = np.zeros_like(x)
        for i in range(x.size):
            if x[i] < -self.width:
                y[i] = 0.05 * x[i]
            elif x[i] <= self.width:
                y[i] = self.bump(x[i])
            else:
                y[i] = self.width / x[i] - 1.0
        return y


def main():
    wave = Wave(2.5)
    total = 0.0
    for shift in range(8):
        x = np.linspace(-10.0, 10.0, 700001) + 0.001 * shift
        y = wave.height(x)
        total += y.sum()
        print("shift", shift, "max %.8f" % y.max(), "min %.8f" % y.min(), "middle %.8f" % y[350000])
    print("total %.5f" % total)


main()
