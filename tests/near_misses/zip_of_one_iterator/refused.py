# refuse: consumed-iterator
# or: x[:-1:2] * x[1::2], the odd one left over
# at: 10
import numpy as np


def kernel(x):
    source = iter(x)
    out = []
    for a, b in zip(source, source):
        out.append(a * b)
    return np.array(out)


print(kernel(np.array([1.0, 2.0, 3.0, 4.0, 5.0])))
