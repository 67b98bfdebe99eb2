# lift: x * 2
# at: 8
import numpy as np


def kernel(x):
    out = []
    for v in x:
        out.append(v * 2)
    return np.array(out)


result = kernel(np.arange(4))
print(result, result.dtype)
