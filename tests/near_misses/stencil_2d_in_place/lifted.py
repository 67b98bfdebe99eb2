# lift: new[1:-1, 1:-1] = the mean of the four shifted slices of u
# at: 8
import numpy as np


def kernel(u, new):
    rows, cols = u.shape
    for i in range(1, rows - 1):
        for j in range(1, cols - 1):
            new[i, j] = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1])


u = np.arange(42.0).reshape(6, 7) ** 2 % 19
new = u.copy()
kernel(u, new)
print(np.round(u, 6))
print(np.round(new, 6))
