# refuse: random-draw
# or: as many draws as x has positive ones
# at: 9
import numpy as np


def kernel(x, rng):
    out = np.zeros(len(x))
    for i in range(len(x)):
        if x[i] > 0 and rng.random() < 0.6:
            out[i] = x[i]
    return out


rng = np.random.default_rng(5)
x = np.array([1.0, -2.0, 3.0, 4.0, -5.0, 6.0, 7.0, -8.0])
print(kernel(x, rng))
print("%.9f" % rng.random())
