# refuse: empty
# or: the same, and np.array([]) where x is empty
# at: 9
import numpy as np


def kernel(x):
    out = []
    for v in x:
        out.append(v * 2)
    return np.array(out)


result = kernel(np.arange(0))
print(result, result.dtype)
