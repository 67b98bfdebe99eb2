"""Escape times of the Mandelbrot set, point by point."""

import numpy as np


def escape_time(x, y, limit):
    a = b = 0.0
    for step in range(limit):
        a, b = a * a - b * b + x, 2.0 * a * b + y
        if a * a + b * b > 4.0:
            return step
    return limit


def picture(width, height, limit):
    times = np.empty((height, width), dtype=np.int32)
    for row in range(height):
        for column in range(width):
            x = -2.0 + 3.0 * column / width
            y = -1.2 + 2.4 * row / height
            times[row, column] = escape_time(x, y, limit)
    return times


if __name__ == "__main__":
    times = picture(260, 200, 200)
    print(f"inside {np.count_nonzero(times == 200)}, mean {times.mean():.6f}")
