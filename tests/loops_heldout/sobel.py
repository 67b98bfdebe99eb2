# expect: lift
# at: 9
import numpy as np


def sobel(im):
    H, W = im.shape
    mag = np.zeros((H, W))
    for i in range(1, H - 1):
        for j in range(1, W - 1):
            gx = (im[i-1, j+1] + 2*im[i, j+1] + im[i+1, j+1]) - (im[i-1, j-1] + 2*im[i, j-1] + im[i+1, j-1])
            gy = (im[i+1, j-1] + 2*im[i+1, j] + im[i+1, j+1]) - (im[i-1, j-1] + 2*im[i-1, j] + im[i-1, j+1])
            mag[i, j] = np.sqrt(gx**2 + gy**2)
    return mag


if __name__ == "__main__":
    y, x = np.mgrid[0:180, 0:220]
    im = ((x - 90) ** 2 + (y - 80) ** 2 < 2500) * 1.0
    m = sobel(im)
    print("%.6f %.6f" % (m.sum(), m.max()), np.count_nonzero(m))
