# refuse: random-draw
# at: 8
import numpy as np


def kernel(n, rng):
    total = 0.0
    for i in range(n):
        u = rng.random()
        if u > 0.5:
            u = rng.random()
        total += u
    return total


rng = np.random.default_rng(11)
print("%.9f" % kernel(40, rng))
print("%.9f" % rng.random())
