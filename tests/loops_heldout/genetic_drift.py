# expect: refuse
# at: 10
import numpy as np


def drift(size, generations, seed):
    rng = np.random.default_rng(seed)
    p = 0.5
    trace = []
    for g in range(generations):
        p = rng.binomial(2 * size, p) / (2 * size)
        trace.append(p)
        if p == 0 or p == 1:
            break
    return trace


t = drift(20_000, 50_000, 5)
print(len(t), t[:3], t[-1])
