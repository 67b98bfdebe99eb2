# refuse: exception
# at: 9
import numpy as np


def kernel(x):
    n = len(x)
    rising = 0
    for i in range(n):
        if x[i + 1] > x[i] and i < n - 1:
            rising += 1
    return rising


try:
    print(kernel(np.array([1.0, 2.0, 0.5, 0.75, 3.0])))
except IndexError as error:
    print("IndexError:", error)
