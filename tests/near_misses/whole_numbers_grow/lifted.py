# lift: np.prod(values)
# at: 8
import math


def kernel(values):
    product = 1
    for v in values:
        product *= v
    return product


values = [float(k) for k in range(1, 31)]
print("%.12g" % kernel(values), math.isinf(kernel(values)))
