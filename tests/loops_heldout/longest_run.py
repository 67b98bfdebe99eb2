# expect: refuse
# at: 10
import numpy as np


def longest_run(flips):
    longest = 0
    current = 0
    previous = -1
    for f in flips:
        if f == previous:
            current += 1
        else:
            current = 1
            previous = f
        if current > longest:
            longest = current
    return longest


print(longest_run(np.random.default_rng(1).integers(0, 2, 300_000)))
