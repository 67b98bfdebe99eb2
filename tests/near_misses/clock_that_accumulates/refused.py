# refuse: carried
# at: 9
import numpy as np


def kernel(step):
    times = []
    t = 0.0
    while t < 1.0:
        times.append(t)
        t += step
    return np.array(times)


times = kernel(0.1)
print(len(times), "%.17g" % times[-1])
