# A bar of metal: every point becomes the mean of its two neighbours, over and over, and one array is enough for it.
# Slow is the loop over the points. The slices that look like the same thing are much faster, and give another number.
import numpy as np

POINTS = 4000
SWEEPS = 2000


def relax(rod):
    """The loop: the left neighbour is already the new value when its turn comes."""
    for sweep in range(SWEEPS):
        for i in range(1, len(rod) - 1):
            rod[i] = (rod[i - 1] + rod[i + 1]) / 2
    return rod


def relax_with_slices(rod):
    """The obvious slices: both neighbours are still the old values."""
    for sweep in range(SWEEPS):
        rod[1:-1] = (rod[:-2] + rod[2:]) / 2
    return rod


def hot_end():
    rod = np.zeros(POINTS)
    rod[0] = 100.0
    return rod


print("heat in the rod, by the loop:  ", relax(hot_end()).sum())
print("heat in the rod, by the slices:", relax_with_slices(hot_end()).sum())
