# expect: lift
# at: 10
import numpy as np


def bootstrap(sample, rounds, seed):
    gen = np.random.default_rng(seed)
    n = len(sample)
    means = np.zeros(rounds)
    for r in range(rounds):
        chosen = gen.integers(0, n, n)
        total = 0.0
        for c in chosen:
            total += sample[c]
        means[r] = total / n
    return means


sample = np.array([2.5, 3.0, 1.0, 4.5, 7.0, 2.0, 3.5, 0.5] * 10)
means = bootstrap(sample, 3000, 44)
print("%.8f %.8f" % (means.mean(), means.std()))
