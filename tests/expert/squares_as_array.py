"""Power of a recording with several channels."""
import numpy as np


def record(channel, samples):
    rng = np.random.default_rng(channel)
    return rng.normal(0.0, 1.0 + 0.1 * channel, samples)


def square_all(x):
    return x**2


def main():
    channels = 8
    samples = 1500000
    for c in range(channels):
        x = record(c, samples)
        power = square_all(x)
        print("channel", c, "power %.8f" % power.mean(), "peak %.6f" % power.max())
        print("  first:", np.round(power[:4], 6))


if __name__ == "__main__":
    main()
