# lift: list(a.copy()): rows that no later write to a changes
# at: 8
import numpy as np


def kernel(a):
    rows = []
    for i in range(len(a)):
        rows.append(a[i].copy())
    return rows


a = np.arange(6.0).reshape(3, 2)
rows = kernel(a)
a[1] = 100.0
print([r.tolist() for r in rows])
