# refuse: exception
# at: 7
import numpy as np


def kernel(n, out):
    for i in range(n):
        out[i] = i * 3
    return out


n = 50
out = np.zeros(n, dtype=np.int8)
try:
    kernel(n, out)
except OverflowError as error:
    print(error)
print(out[:3], out[40:45], out.sum())
