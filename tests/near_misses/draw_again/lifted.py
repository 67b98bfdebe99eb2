# lift: u = rng.random(n); np.where(u > 0.5, 1 - u, u)
# at: 8
import numpy as np


def kernel(n, rng):
    total = 0.0
    for i in range(n):
        u = rng.random()
        if u > 0.5:
            u = 1.0 - u
        total += u
    return total


rng = np.random.default_rng(11)
print("%.9f" % kernel(40, rng))
print("%.9f" % rng.random())
