# expect: lift
# at: 9
import numpy as np


def standardize(table):
    rows, cols = table.shape
    result = np.zeros((rows, cols))
    for c in range(cols):
        s = 0.0
        for r in range(rows):
            s += table[r, c]
        mean = s / rows
        q = 0.0
        for r in range(rows):
            q += (table[r, c] - mean) ** 2
        sd = np.sqrt(q / (rows - 1))
        for r in range(rows):
            result[r, c] = (table[r, c] - mean) / sd
    return result


table = np.random.default_rng(8).gamma(2.0, 1.5, (20000, 6))
z = standardize(table)
print(np.round(z[:2], 6), "%.6f" % z.max())
