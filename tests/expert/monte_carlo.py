"""Pi by throwing darts, with the random stream of the one-dart-a-round version."""
import numpy as np


def estimate_pi(rng, throws):
    x, y = rng.random((throws, 2)).T
    hits = np.count_nonzero(x * x + y * y <= 1.0)
    return 4.0 * hits / throws


def mean_wait(rng, rounds):
    return -np.log(1.0 - rng.random(rounds)).mean()


if __name__ == "__main__":
    rng = np.random.default_rng(20240229)
    print("pi is about", estimate_pi(rng, 2200000))
    print("mean waiting time is about %.8f" % mean_wait(rng, 600000))
    print("next random number: %.12f" % rng.random())
