import sys

import numpy as np

# Mean and standard deviation of many measurements, by hand.
# Slow: both functions add up one number at a time.


def mean(values):
    total = 0.0
    for v in values:
        total += v
    return total / len(values)


def std(values):
    m = mean(values)
    total = 0.0
    for i in range(len(values)):
        diff = values[i] - m
        total += diff * diff
    return (total / len(values)) ** 0.5


count = 2500000
if len(sys.argv) > 1:
    count = int(sys.argv[1])

rng = np.random.RandomState(7)
heights = rng.normal(172.0, 9.0, count)
weights = heights * 0.45 + rng.normal(0.0, 6.0, count)

for name, data in [("height", heights), ("weight", weights)]:
    print("{}: mean {:.6f}, standard deviation {:.6f}".format(name, mean(data), std(data)))
