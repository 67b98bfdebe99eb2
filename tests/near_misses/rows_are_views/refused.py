# refuse: alias
# or: list(a)
# at: 9
import numpy as np


def kernel(a):
    rows = []
    for i in range(len(a)):
        rows.append(a[i])
    return rows


a = np.arange(6.0).reshape(3, 2)
rows = kernel(a)
a[1] = 100.0
print([r.tolist() for r in rows])
