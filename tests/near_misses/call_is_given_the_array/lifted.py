# lift: out = 0.5 * x * x, then the loop that calls
# at: 14
import numpy as np


def turn(values, **how):
    values[:] = values[::-1].copy()


def kernel(n):
    x = np.arange(n) * 1.5
    out = np.zeros(n)
    log = np.ones(n)
    for i in range(n):
        out[i] = 0.5 * x[i] * x[i]
        turn(log, **{})
    return out


print(kernel(5))
