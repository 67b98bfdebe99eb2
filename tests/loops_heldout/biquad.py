# expect: refuse
# at: 15
import numpy as np


class Biquad:
    def __init__(self, b, a):
        self.b = b
        self.a = a
        self.z1 = 0.0
        self.z2 = 0.0

    def run(self, x):
        out = np.empty(len(x))
        for i in range(len(x)):
            v = x[i]
            y = self.b[0] * v + self.z1
            self.z1 = self.b[1] * v - self.a[0] * y + self.z2
            self.z2 = self.b[2] * v - self.a[1] * y
            out[i] = y
        return out


def main():
    impulse = np.zeros(60_000)
    impulse[0] = 1.0
    f = Biquad((0.2, 0.4, 0.2), (-0.3, 0.1))
    y = f.run(impulse)
    print(np.round(y[:6], 9), "%.9f" % y.sum())


main()
