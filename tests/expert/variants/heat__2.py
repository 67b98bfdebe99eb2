"""Diffusion of ink in a dish; the diffusivity differs from place to place."""
import numpy

SIZE = 200


def diffuse(ink, speed, result):
    up = ink[:-2, 1:-1]
    down = ink[2:, 1:-1]
    left = ink[1:-1, :-2]
    right = ink[1:-1, 2:]
    here = ink[1:-1, 1:-1]
    result[1:-1, 1:-1] = here + speed[1:-1, 1:-1] * (up + down + left + right - 4.0 * here)


def main(rounds=14):
    speed = 0.1 + 0.1 * numpy.random.default_rng(4).random((SIZE, SIZE))
    a = numpy.zeros((SIZE, SIZE))
    b = numpy.zeros((SIZE, SIZE))
    a[90:110, 95:105] = 1.0
    for round_ in range(rounds):
        diffuse(a, speed, b)
        diffuse(b, speed, a)
    print("ink: %.9f" % a.sum())
    print("middle: %.9f" % a[100, 100], "edge of the drop: %.9f" % a[90, 95], "far: %.3e" % a[70, 100])


main()
