import numpy as np

# height of a wave: flat, a bump, a tail


class Wave:
    def __init__(self, width):
        self.width = width

    def bump(self, s):
        return 0.5 * (1.0 + np.cos(np.pi * s / self.width))

    def height(self, x):
        low = x < -self.width
        high = x > self.width
        middle = ~(low | high)
        y = np.empty_like(x)
        y[low] = 0.05 * x[low]
        y[middle] = self.bump(x[middle])
        y[high] = self.width / x[high] - 1.0
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
