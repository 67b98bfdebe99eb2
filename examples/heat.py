"""Heat flowing through a metal plate with one hot edge.

Slow: step() computes the new temperature one cell at a time.  It reads from
one array and writes to another, so that all cells change at the same moment.
"""
import numpy as np

NX = 160
NY = 220
STEPS = 60
ALPHA = 0.2


def step(old, new):
    for i in range(1, NX - 1):
        for j in range(1, NY - 1):
            new[i, j] = old[i, j] + ALPHA * (old[i + 1, j] + old[i - 1, j]
                                             + old[i, j + 1] + old[i, j - 1]
                                             - 4 * old[i, j])


def main():
    plate = np.zeros((NX, NY))
    plate[0, :] = 100.0
    plate[NX // 2, NY // 2] = 500.0
    other = plate.copy()

    for n in range(STEPS):
        step(plate, other)
        plate, other = other, plate
        if (n + 1) % 10 == 0:
            print("step", n + 1, "mean %.8f" % plate.mean(), "centre %.8f" % plate[NX // 2, NY // 2])

    print("row 3:", np.round(plate[3, 100:106], 6))


if __name__ == "__main__":
    main()
