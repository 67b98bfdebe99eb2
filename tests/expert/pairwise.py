# distances between all pairs of points
import sys

import numpy as np


def all_distances(points):
    squared = np.zeros((len(points), len(points)))
    for column in points.T:
        squared += (column[:, None] - column) ** 2
    return np.sqrt(squared, out=squared)


def nearest_neighbours(dist):
    others = dist.copy()
    np.fill_diagonal(others, np.inf)
    return others.argmin(axis=1)


n = int(sys.argv[1]) if len(sys.argv) > 1 else 1200
np.random.seed(3)
points = np.random.rand(n, 3) * 10

dist = all_distances(points)
nearest = nearest_neighbours(dist)

print("points:", n)
print("mean distance: %.8f" % dist.mean())
print("largest distance: %.8f" % dist.max())
print("neighbours of the first ten:", nearest[:10])
print("check: %.6f %.6f" % (dist[2, 5], dist[n - 1, 0]))
