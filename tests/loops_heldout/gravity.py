# expect: lift
# at: 12
import numpy as np

G = 6.674e-11
SOFT = 1e-3


def accelerations(pos, mass):
    n = len(mass)
    acc = np.zeros((n, 3))
    for i in range(n):
        for j in range(n):
            if i == j:
                continue
            dx = pos[j, 0] - pos[i, 0]
            dy = pos[j, 1] - pos[i, 1]
            dz = pos[j, 2] - pos[i, 2]
            r2 = dx * dx + dy * dy + dz * dz + SOFT
            f = G * mass[j] / (r2 * np.sqrt(r2))
            acc[i, 0] += f * dx
            acc[i, 1] += f * dy
            acc[i, 2] += f * dz
    return acc


g = np.random.default_rng(100)
a = accelerations(g.normal(size=(220, 3)), g.uniform(1e9, 1e10, 220))
print(["%.10f" % v for v in a[0]], "%.10f" % abs(a).sum())
