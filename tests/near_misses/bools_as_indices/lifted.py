# lift: np.array(x)[idx]
# at: 8
import numpy as np


def kernel(x, idx):
    out = []
    for k in range(len(idx)):
        out.append(x[idx[k]])
    return np.array(out)


x = [10.0, 20.0, 30.0]
idx = [int(k % 2) for k in range(3)]
print(kernel(x, idx))
