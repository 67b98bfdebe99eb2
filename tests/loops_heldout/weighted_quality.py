# expect: lift
# at: 10
import numpy as np


def quality(observed, expected, sigma):
    """Chi square, leaving out what was not measured."""
    chi2 = 0.0
    used = 0
    for o, e, s in zip(observed, expected, sigma):
        if np.isnan(o) or s <= 0:
            continue
        chi2 += ((o - e) / s) ** 2
        used += 1
    return chi2, used


g = np.random.default_rng(9)
expected = np.linspace(1, 9, 120_000)
sigma = g.uniform(0.0, 0.5, 120_000)
observed = expected + sigma * g.normal(size=120_000)
observed[::11] = np.nan
sigma[::17] = 0.0
print("%.6f %d" % quality(observed, expected, sigma))
