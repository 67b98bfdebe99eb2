# lift: np.array(rows), the rows as they were put together
# at: 8
import numpy as np


def kernel(x):
    rows = []
    for v in x:
        rows.append([v, v * 2.0])
        rows.copy()
    return rows


rows = kernel(np.array([1.0, 0.5, 2.0]).tolist())
rows[0][0] = 7.0
print(rows)
