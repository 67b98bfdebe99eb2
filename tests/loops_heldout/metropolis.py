# expect: refuse
# at: 13
"""Samples of a distribution by the Metropolis algorithm."""
import math
import numpy as np


def metropolis(steps, width, seed):
    rng = np.random.default_rng(seed)
    x = 0.0
    energy = 0.5 * x * x
    chain = np.zeros(steps)
    for k in range(steps):
        y = x + width * (rng.random() - 0.5)
        new = 0.5 * y * y + 0.1 * y ** 4
        if new < energy or rng.random() < math.exp(energy - new):
            x = y
            energy = new
        chain[k] = x
    return chain


chain = metropolis(60_000, 2.0, 7)
print("%.9f %.9f" % (chain.mean(), chain.var()))
