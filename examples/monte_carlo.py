"""Pi by throwing darts.

Slow: one dart per round, two random numbers each.  The random stream has to
stay as it is: another run with the same seed, and the second experiment
below, must give the numbers that are in our report.
"""
import numpy as np


def estimate_pi(rng, throws):
    hits = 0
    for i in range(throws):
        x = rng.random()
        y = rng.random()
        if x * x + y * y <= 1.0:
            hits += 1
    return 4.0 * hits / throws


def mean_wait(rng, rounds):
    total = 0.0
    for i in range(rounds):
        total = total - np.log(1.0 - rng.random())
    return total / rounds


if __name__ == "__main__":
    rng = np.random.default_rng(20240229)
    print("pi is about", estimate_pi(rng, 2200000))
    print("mean waiting time is about %.8f" % mean_wait(rng, 600000))
    print("next random number: %.12f" % rng.random())
