# refuse: shadowed
# at: 17
import numpy as np

sizes = []


def len(x):
    sizes.append(x.size)
    print("asked for the length")
    return x.size // 2


def kernel(x):
    out = np.zeros(x.size)
    i = 0
    while i < len(x):
        out[i] = x[i] * 2
        i += 1
    return out


print(kernel(np.arange(6.0)))
print(sizes)
