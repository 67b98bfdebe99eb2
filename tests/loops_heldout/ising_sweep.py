# expect: refuse
# at: 9
import numpy as np


def sweep(spins, beta, rng):
    n = spins.shape[0]
    flips = 0
    for i in range(n):
        for j in range(n):
            around = spins[i - 1, j] + spins[(i + 1) % n, j] + spins[i, j - 1] + spins[i, (j + 1) % n]
            cost = 2 * spins[i, j] * around
            if cost <= 0 or rng.random() < np.exp(-beta * cost):
                spins[i, j] = -spins[i, j]
                flips += 1
    return flips


rng = np.random.default_rng(13)
spins = rng.choice([-1, 1], size=(70, 70))
print([sweep(spins, 0.44, rng) for k in range(8)], spins.sum())
