# expect: refuse
# at: 14
"""Score of the best alignment, by dynamic programming."""
import numpy as np


def align(a, b, gap=2):
    n, m = len(a), len(b)
    score = np.zeros((n + 1, m + 1), dtype=int)
    for i in range(1, n + 1):
        score[i, 0] = -gap * i
    for j in range(1, m + 1):
        score[0, j] = -gap * j
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            match = score[i - 1, j - 1] + (1 if a[i - 1] == b[j - 1] else -1)
            score[i, j] = max(match, score[i - 1, j] - gap, score[i, j - 1] - gap)
    return score[n, m]


g = np.random.default_rng(30)
print(align(g.integers(0, 4, 250), g.integers(0, 4, 220)))
