import sys
import numpy as np


def separations(pos):
    squared = np.zeros((len(pos), len(pos)))
    for column in pos.T:
        squared += (column[:, None] - column) ** 2
    return np.sqrt(squared, out=squared)


def closest(sep):
    others = sep.copy()
    np.fill_diagonal(others, np.inf)
    return others.argmin(axis=1).tolist()


count = 900
if len(sys.argv) == 2:
    count = int(sys.argv[1])
pos = np.random.RandomState(21).normal(size=(count, 4))
sep = separations(pos)
best = closest(sep)
print(sep.shape, "%.8f" % sep.mean(), "%.8f" % sep.max())
print("closest of the last five:", best[-5:])
