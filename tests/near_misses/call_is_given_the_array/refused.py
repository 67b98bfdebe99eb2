# refuse: side-effect
# or: values = 0.5 * x * x, stored in the loop
# at: 15
import numpy as np


def turn(values, **how):
    values[:] = values[::-1].copy()


def kernel(n):
    x = np.arange(n) * 1.5
    out = np.zeros(n)
    log = np.ones(n)
    for i in range(n):
        out[i] = 0.5 * x[i] * x[i]
        turn(out, **{})
    return out


print(kernel(5))
