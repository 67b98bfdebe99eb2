# expect: refuse
# at: 10
"""Floyd-Steinberg: the error of a pixel goes to its neighbours."""
import numpy as np


def dither(img):
    im = img.copy()
    h, w = im.shape
    for y in range(h - 1):
        for x in range(1, w - 1):
            old = im[y, x]
            new = 1.0 if old > 0.5 else 0.0
            im[y, x] = new
            err = old - new
            im[y, x + 1] += err * 7 / 16
            im[y + 1, x - 1] += err * 3 / 16
            im[y + 1, x] += err * 5 / 16
            im[y + 1, x + 1] += err * 1 / 16
    return im


d = dither(np.tile(np.linspace(0, 1, 200), (120, 1)))
print("%.6f" % d.mean(), int((d == 1).sum()))
