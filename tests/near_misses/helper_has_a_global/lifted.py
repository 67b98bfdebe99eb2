# lift: x * 0.5 + 1
# at: 16
import numpy as np

level = 0.0


def follow(v):
    global level
    level = 0.5 * v + 1.0
    return level + v * 0.0


def kernel(x):
    out = np.zeros(len(x))
    for i in range(len(x)):
        out[i] = follow(x[i])
    return out


print(np.round(kernel(np.array([1.0, 2.0, 4.0])), 6), round(float(level), 6))
