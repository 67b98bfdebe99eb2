# distances between all pairs of points
# slow: two loops over the points and a third one over x, y, z
import math
import sys

import numpy as np


def all_distances(points):
    n = len(points)
    dist = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            s = 0.0
            for k in range(3):
                d = points[i][k] - points[j][k]
                s += d * d
            dist[i][j] = math.sqrt(s)
    return dist


def nearest_neighbours(dist):
    n = dist.shape[0]
    nearest = np.zeros(n, dtype=int)
    for i in range(n):
        best = -1
        best_distance = float("inf")
        for j in range(n):
            if i != j and dist[i, j] < best_distance:
                best = j
                best_distance = dist[i, j]
        nearest[i] = best
    return nearest


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
