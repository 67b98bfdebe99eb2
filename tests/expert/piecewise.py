#!/usr/bin/env python
# Response of a sensor: dead zone, smooth part, saturation.
import numpy as np

LOW = 0.1
HIGH = 2.0


def smooth(v):
    s = (v - LOW) / (HIGH - LOW)
    return s * s * (3 - 2 * s)


def response(readings):
    saturated = readings >= HIGH
    out = np.where(readings < LOW, 0.0, smooth(readings))
    out[saturated] = 1.0 + 0.25 * (1.0 - np.exp(HIGH - readings[saturated]))
    return out


if __name__ == '__main__':
    gen = np.random.default_rng(2024)
    readings = gen.gamma(1.5, 1.2, 3500000)
    out = response(readings)

    print('dead zone:', int((out == 0).sum()))
    print('saturated:', int((out >= 1).sum()))
    print('mean response: %.8f' % out.mean())
    print('highest: %.8f' % out.max())
    for pos in (0, 1000, 200000, len(out) - 1):
        print('%8d  %.6f -> %.6f' % (pos, readings[pos], out[pos]))
