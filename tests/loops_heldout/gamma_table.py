# expect: lift
# at: 12
import numpy as np


def correct(pixels, gamma):
    table = np.zeros(256)
    for level in range(256):
        table[level] = 255.0 * (level / 255.0) ** gamma
    flat = pixels.reshape(-1)
    out = np.zeros(flat.shape[0])
    for k in range(flat.shape[0]):
        out[k] = table[flat[k]]
    return out.reshape(pixels.shape)


pixels = np.random.RandomState(0).randint(0, 256, (400, 500))
c = correct(pixels, 0.45)
print("%.6f %.6f" % (c.mean(), c[3, 4]), c.shape)
