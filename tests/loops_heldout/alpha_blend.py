# expect: lift
# at: 7
import numpy as np

def blend(front, back, alpha):
    result = np.empty_like(front)
    for row in range(front.shape[0]):
        for col in range(front.shape[1]):
            a = alpha[row, col]
            for ch in range(3):
                result[row, col, ch] = a * front[row, col, ch] + (1 - a) * back[row, col, ch]
    return result

g = np.random.default_rng(77)
f, b = g.random((120, 160, 3)), g.random((120, 160, 3))
al = np.tile(np.linspace(0, 1, 160), (120, 1))
r = blend(f, b, al)
print("%.8f %.8f" % (r.mean(), r[5, 6, 1]))
