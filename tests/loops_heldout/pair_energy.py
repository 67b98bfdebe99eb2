# expect: lift
# at: 10
"""Energy of a gas, each pair once."""
import numpy as np


def energy(xyz):
    n = xyz.shape[0]
    e = 0.0
    for i in range(n):
        for j in range(i + 1, n):
            d2 = 0.0
            for k in range(3):
                d2 += (xyz[i, k] - xyz[j, k]) ** 2
            s6 = 1.0 / (d2 * d2 * d2)
            e += 4.0 * (s6 * s6 - s6)
    return e


grid = np.arange(6) * 1.2
x, y, z = np.meshgrid(grid, grid, grid)
print("%.8f" % energy(np.column_stack((x.ravel(), y.ravel(), z.ravel()))))
