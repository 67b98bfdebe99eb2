import sys

import numpy as np

# Mean and standard deviation of many measurements.


def mean(values):
    return values.mean()


def std(values):
    return values.std()


count = 2500000
if len(sys.argv) > 1:
    count = int(sys.argv[1])

rng = np.random.RandomState(7)
heights = rng.normal(172.0, 9.0, count)
weights = heights * 0.45 + rng.normal(0.0, 6.0, count)

for name, data in [("height", heights), ("weight", weights)]:
    print("{}: mean {:.6f}, standard deviation {:.6f}".format(name, mean(data), std(data)))
