# expect: lift
# at: 8
import numpy as np


def rates(substrate, inhibitor, vmax=2.0, km=0.4, ki=1.5):
    v = []
    for s, i in zip(substrate, inhibitor):
        apparent = km * (1 + i / ki)
        v.append(vmax * s / (apparent + s))
    return np.array(v)


s = np.linspace(0.0, 10.0, 200_000)
v = rates(s, np.linspace(3.0, 0.0, 200_000))
print("%.8f %.8f %.8f" % (v[0], v[1000], v[-1]))
