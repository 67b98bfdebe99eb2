# expect: lift
# at: 9
import numpy as np


def pool(a):
    n, m = a.shape[0] // 2, a.shape[1] // 2
    out = np.zeros((n, m))
    for i in range(n):
        for j in range(m):
            out[i, j] = np.max(a[2 * i:2 * i + 2, 2 * j:2 * j + 2])
    return out


p = pool(np.random.default_rng(12).normal(size=(300, 260)))
print(p.shape, "%.8f %.8f" % (p.mean(), p[9, 9]))
