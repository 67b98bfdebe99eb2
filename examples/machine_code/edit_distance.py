"""The edit distance of two long words, by dynamic programming: each cell needs its neighbours."""

import numpy as np


def edit_distance(one, other):
    m, n = len(one), len(other)
    cost = np.zeros((m + 1, n + 1), dtype=np.int64)
    for i in range(m + 1):
        cost[i, 0] = i
    for j in range(n + 1):
        cost[0, j] = j
    for i in range(1, m + 1):
        for j in range(1, n + 1):
            replace = cost[i - 1, j - 1] + (one[i - 1] != other[j - 1])
            cost[i, j] = min(replace, cost[i - 1, j] + 1, cost[i, j - 1] + 1)
    return cost[m, n]


def main():
    rng = np.random.default_rng(7)
    words = [rng.integers(0, 4, size) for size in (900, 1000, 1100)]
    print("distance 0-1:", edit_distance(words[0], words[1]))
    print("distance 1-2:", edit_distance(words[1], words[2]))


if __name__ == "__main__":
    main()
