# refuse: side-effect
# at: 11
import os
import tempfile

import numpy as np


def kernel(x, out):
    top = 0.0
    for i in range(len(x)):
        if x[i] > top:
            top = x[i]
        out.write("%.2f " % top)
    return top


with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "tops.txt")
    with open(path, "w") as out:
        print("%.2f" % kernel(np.array([0.5, 2.0, 1.0, 4.0, 3.0]), out))
    with open(path) as written:
        print(written.read())
