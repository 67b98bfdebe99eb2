# refuse: side-effect
# at: 10
import numpy as np

old = np.seterr(divide="raise")


def kernel(x, out):
    try:
        for i in range(len(x)):
            out[i] = 1 / x[i]
    except FloatingPointError:
        pass
    return out


print(kernel(np.array([1.0, 2.0, 0.0, 4.0]), np.zeros(4)))
np.seterr(**old)
