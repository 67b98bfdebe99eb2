# refuse: side-effect
# or: the array at once, then a loop for the notes
# at: 18
import numpy as np

notes = []
KEEP = True


def shape(v):
    if KEEP:
        notes.append("%.1f after %d" % (v, len(notes)))
    return v * v + 1.0


def kernel(x):
    out = np.zeros(len(x))
    for i in range(len(x)):
        out[i] = shape(x[i])
    return out


print(kernel(np.array([0.5, 1.5, 2.5])))
print(notes)
