import numpy as np


def walk(seed, steps):
    """Where does somebody end who steps left or right by chance?"""
    np.random.seed(seed)
    right = int(np.count_nonzero(np.random.rand(steps) < 0.5))
    return 2 * right - steps


def volume(seed, throws):
    np.random.seed(seed)
    x, y, z = 2 * np.random.rand(throws, 3).T - 1
    inside = np.count_nonzero(x ** 2 + y ** 2 + z ** 2 < 1)
    return 8 * inside / throws


ends = []
for seed in range(6):
    ends.append(walk(seed, 250000))
print("ends:", ends)
print("volume of a ball:", volume(99, 700000))
print("one more: %.12f" % np.random.rand())
