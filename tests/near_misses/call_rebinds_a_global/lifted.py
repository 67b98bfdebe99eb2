# lift: out = 1.5 * x, then the loop that calls
# at: 17
import numpy as np

factor = 1.5
scale = 1.5


def calibrate(step, **how):
    global scale
    scale = scale + 0.25 * step


def kernel(n):
    x = np.arange(n) * 2.0
    out = np.zeros(n)
    for i in range(n):
        out[i] = x[i] * factor
        calibrate(i, **{})
    return out


print(kernel(5))
