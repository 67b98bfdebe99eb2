# refuse: side-effect
# at: 7
import numpy as np


def kernel(x, tasks):
    for i in range(len(x)):
        tasks.append(lambda: x[i] * 2)
    x[1] = 100.0
    return x.sum()


tasks = []
print(kernel(np.array([1.0, 2.0, 3.0]), tasks))
print([float(t() if callable(t) else t) for t in tasks])
