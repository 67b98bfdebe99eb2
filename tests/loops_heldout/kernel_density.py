# expect: lift
# at: 13
import numpy as np
from math import pi, sqrt


def gauss(u):
    return np.exp(-0.5 * u * u) / sqrt(2 * pi)


def density(points, grid, width):
    estimate = np.zeros(len(grid))
    for g in range(len(grid)):
        s = 0.0
        for p in points:
            s += gauss((grid[g] - p) / width)
        estimate[g] = s / (len(points) * width)
    return estimate


def main():
    points = np.random.default_rng(2).normal(1.0, 0.5, 800)
    d = density(points, np.linspace(-1, 3, 150), 0.2)
    print("%.8f at %d, sum %.8f" % (d.max(), d.argmax(), d.sum()))


main()
