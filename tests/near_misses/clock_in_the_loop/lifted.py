# lift: np.full(n, now)
# at: 11
import time

import numpy as np


def kernel(n, clock):
    stamps = np.zeros(n)
    now = clock()
    for i in range(n):
        stamps[i] = now
    return stamps


print("all at one moment:", len(set(kernel(500, time.perf_counter))) == 1)
