# refuse: side-effect
# at: 16
import numpy as np

signal = np.arange(6.0)
other = np.zeros(6)


def nudge(i):
    signal[i + 1] += 10.0
    return 1.0


def kernel(x):
    out = np.zeros(len(x) - 1)
    for i in range(len(x) - 1):
        out[i] = x[i] * x[i] + nudge(i)
    return out


print(kernel(signal))
print(other)
