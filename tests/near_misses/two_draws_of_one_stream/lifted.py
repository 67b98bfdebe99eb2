# lift: start.normal(size=n) + noise.random(n)
# at: 8
import numpy as np


def kernel(n, start, noise):
    out = np.zeros(n)
    for i in range(n):
        out[i] = start.normal() + noise.random()
    return out


first = np.random.default_rng(1)
second = np.random.default_rng(2)
print(np.round(kernel(5, first, second), 8))
print("%.8f %.8f" % (first.random(), second.random()))
