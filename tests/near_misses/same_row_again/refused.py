# refuse: carried
# or: the rows one by one
# at: 9
import numpy as np


def kernel(x):
    rows = []
    for v in x:
        rows.append([v, v * 2.0])
        rows.append(rows[-1])
    return rows


rows = kernel(np.array([1.0, 0.5, 2.0]).tolist())
rows[0][0] = 7.0
print(rows)
