# refuse: random-draw
# or: rng.random(left) once a row
# at: 9
import numpy as np


def kernel(n, rng):
    waits = np.zeros(n)
    for i in range(n):
        left = rng.integers(1, 5)
        for k in range(left):
            waits[i] += rng.random()
    return waits


rng = np.random.default_rng(8)
print(np.round(kernel(4, rng), 8))
print("%.8f" % rng.random())
