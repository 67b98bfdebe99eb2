import numpy as np


def darker_than(photo, limit):
    return np.count_nonzero(photo < limit)


def contrast(photo):
    low = photo.min()
    high = photo.max()
    return (high - low) / (high + low)


def column_means(photo):
    return photo.mean(axis=0)
