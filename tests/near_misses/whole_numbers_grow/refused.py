# refuse: wraps
# or: math.prod(values)
# at: 9
import math


def kernel(values):
    product = 1
    for v in values:
        product *= v
    return product


values = [int(k) for k in range(1, 31)]
print("%.12g" % kernel(values), math.isinf(kernel(values)))
