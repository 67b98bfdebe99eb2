# expect: lift
# at: 10
import numpy as np


def differences(seqs):
    """In how many places do two sequences differ?"""
    n, length = seqs.shape
    d = np.zeros((n, n), dtype=int)
    for a in range(n):
        for b in range(n):
            count = 0
            for pos in range(length):
                if seqs[a, pos] != seqs[b, pos]:
                    count += 1
            d[a, b] = count
    return d


seqs = np.random.default_rng(64).integers(0, 4, (60, 150))
d = differences(seqs)
print(d[0, :8], d.sum(), d.max())
