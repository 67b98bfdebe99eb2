# expect: lift
# at: 9
import numpy as np


def to_gray(img):
    h, w, c = img.shape
    gray = np.zeros((h, w), dtype=np.uint8)
    for y in range(h):
        for x in range(w):
            r = img[y, x, 0]
            g = img[y, x, 1]
            b = img[y, x, 2]
            gray[y, x] = int(0.299 * r + 0.587 * g + 0.114 * b)
    return gray


img = np.random.default_rng(10).integers(0, 256, (240, 320, 3), dtype=np.uint8)
gray = to_gray(img)
print(gray.dtype, gray.shape, gray.sum(), gray[0, :5])
