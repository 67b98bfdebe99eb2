# lift: x * x
# at: 9
import numpy as np


def kernel(x):
    source = (x)
    out = []
    for a, b in zip(source, source):
        out.append(a * b)
    return np.array(out)


print(kernel(np.array([1.0, 2.0, 3.0, 4.0, 5.0])))
