# lift: np.count_nonzero(x[1:] > x[:-1])
# at: 9
import numpy as np


def kernel(x):
    n = len(x)
    rising = 0
    for i in range(n):
        if i < n - 1 and x[i + 1] > x[i]:
            rising += 1
    return rising


try:
    print(kernel(np.array([1.0, 2.0, 0.5, 0.75, 3.0])))
except IndexError as error:
    print("IndexError:", error)
