import sys
import numpy as np


def separations(pos):
    count, dims = pos.shape
    rows = []
    for a in range(count):
        row = []
        for b in range(count):
            total = 0.0
            for axis in range(dims):
                total += (pos[a, axis] - pos[b, axis]) ** 2
            row.append(total ** 0.5)
        rows.append(row)
    return np.array(rows)


def closest(sep):
    best = []
    for a in range(len(sep)):
        where = 0 if a != 0 else 1
        for b in range(len(sep)):
            if b == a:
                continue
            if sep[a, b] < sep[a, where]:
                where = b
        best.append(where)
    return best


count = 900
if len(sys.argv) == 2:
    count = int(sys.argv[1])
pos = np.random.RandomState(21).normal(size=(count, 4))
sep = separations(pos)
best = closest(sep)
print(sep.shape, "%.8f" % sep.mean(), "%.8f" % sep.max())
print("closest of the last five:", best[-5:])
