"""Heat flowing through a metal plate with one hot edge."""
import numpy as np

NX = 160
NY = 220
STEPS = 60
ALPHA = 0.2


def step(old, new):
    middle = old[1:-1, 1:-1]
    new[1:-1, 1:-1] = middle + ALPHA * (old[2:, 1:-1] + old[:-2, 1:-1]
                                        + old[1:-1, 2:] + old[1:-1, :-2]
                                        - 4 * middle)


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
