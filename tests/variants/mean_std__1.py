import math
import numpy as np


def describe(sample):
    n = 0
    s = 0
    for value in sample:
        s = s + value
        n = n + 1
    average = s / n

    squares = 0
    for value in sample:
        squares = squares + (value - average) ** 2
    return average, math.sqrt(squares / (n - 1))


gen = np.random.default_rng(31)
for label in "ABC":
    sample = gen.gamma(2.0, 3.0, size=2000000)
    average, deviation = describe(sample)
    print(label, "average", round(float(average), 7), "deviation", round(float(deviation), 7))
