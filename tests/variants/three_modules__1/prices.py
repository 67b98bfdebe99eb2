from numpy import array, cumsum, exp, zeros
from numpy.random import default_rng


def quotes(days):
    return 50.0 * exp(cumsum(default_rng(3).normal(0, 0.001, days)))


def relative_moves(q):
    moves = []
    for day in range(1, len(q)):
        moves.append((q[day] - q[day - 1]) / q[day - 1])
    return array(moves)


def three_day_mean(m):
    out = zeros(len(m) - 2)
    for day in range(len(m) - 2):
        out[day] = (m[day] + m[day + 1] + m[day + 2]) / 3.0
    return out


def up_days(m):
    ups = 0
    for move in m:
        if move > 0:
            ups += 1
    return ups
