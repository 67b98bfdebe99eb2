from numpy import count_nonzero, cumsum, diff, exp
from numpy.random import default_rng


def quotes(days):
    return 50.0 * exp(cumsum(default_rng(3).normal(0, 0.001, days)))


def relative_moves(q):
    return diff(q) / q[:-1]


def three_day_mean(m):
    return (m[:-2] + m[1:-1] + m[2:]) / 3.0


def up_days(m):
    return count_nonzero(m > 0)
