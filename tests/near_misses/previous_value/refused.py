# refuse: carried
# at: 9
import numpy as np


def kernel(x):
    out = np.empty(len(x))
    prev = 0.0
    for i in range(len(x)):
        out[i] = x[i] / (1.0 + prev * prev)
        prev = out[i]
    return out


x = np.linspace(-2.0, 3.0, 9)
print(np.round(kernel(x), 8))
