# refuse: carried
# at: 13
import numpy as np


def smooth(v, memory=[0.0]):
    memory[0] = 0.5 * (memory[0] * memory[0] + v)
    return memory[0]


def kernel(x):
    out = np.zeros(len(x))
    for i in range(len(x)):
        out[i] = smooth(x[i])
    return out


print(np.round(kernel(np.array([1.0, 0.5, 0.25, 1.0])), 8))
