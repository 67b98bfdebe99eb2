# expect: lift
# at: 8
import numpy as np

def mid_side(stereo):
    mid = []
    side = []
    for left, right in stereo:
        mid.append((left + right) / 2)
        side.append((left - right) / 2)
    return np.array(mid), np.array(side)

stereo = np.random.default_rng(3).normal(size=(200_000, 2))
m, s = mid_side(stereo)
print("%.8f %.8f %.8f" % (m.std(), s.std(), m[17]))
