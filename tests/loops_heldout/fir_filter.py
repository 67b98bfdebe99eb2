# expect: lift
# at: 9
import numpy as np


def fir(x, taps):
    m = len(taps)
    y = np.zeros(len(x))
    for n in range(m - 1, len(x)):
        for k in range(m):
            y[n] += taps[k] * x[n - k]
    return y


if __name__ == "__main__":
    gen = np.random.RandomState(1)
    x = gen.rand(40000)
    taps = np.array([0.05, 0.1, 0.2, 0.3, 0.2, 0.1, 0.05])
    y = fir(x, taps)
    print("%.8f %.8f" % (y[6], y[-1]), y[:6].any())
