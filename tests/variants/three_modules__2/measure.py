import numpy as np


def darker_than(photo, limit):
    count = 0
    for row in photo:
        for pixel in row:
            if pixel < limit:
                count += 1
    return count


def contrast(photo):
    low = np.inf
    high = -np.inf
    for row in photo:
        for pixel in row:
            low = min(low, pixel)
            high = max(high, pixel)
    return (high - low) / (high + low)


def column_means(photo):
    h, w = photo.shape
    sums = np.zeros(w)
    for y in range(h):
        for x in range(w):
            sums[x] += photo[y, x]
    return sums / h
