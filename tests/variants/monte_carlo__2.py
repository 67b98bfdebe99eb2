import numpy as np


def walk(seed, steps):
    """Where does somebody end who steps left or right by chance?"""
    np.random.seed(seed)
    place = 0
    for _ in range(steps):
        if np.random.rand() < 0.5:
            place += 1
        else:
            place -= 1
    return place


def volume(seed, throws):
    np.random.seed(seed)
    inside = 0
    for _ in range(throws):
        x = 2 * np.random.rand() - 1
        y = 2 * np.random.rand() - 1
        z = 2 * np.random.rand() - 1
        if x ** 2 + y ** 2 + z ** 2 < 1:
            inside += 1
    return 8 * inside / throws


ends = []
for seed in range(6):
    ends.append(walk(seed, 250000))
print("ends:", ends)
print("volume of a ball:", volume(99, 700000))
print("one more: %.12f" % np.random.rand())
