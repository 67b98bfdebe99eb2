# refuse: mask
# or: np.array(x)[np.array(idx, dtype=int)]
# at: 9
import numpy as np


def kernel(x, idx):
    out = []
    for k in range(len(idx)):
        out.append(x[idx[k]])
    return np.array(out)


x = [10.0, 20.0, 30.0]
idx = [bool(k % 2) for k in range(3)]
print(kernel(x, idx))
