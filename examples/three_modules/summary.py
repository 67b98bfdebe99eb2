"""Numbers for the report, each with its own slow loop."""


def mean(x):
    s = 0
    for value in x:
        s = s + value
    return s / len(x)


def extremes(x):
    low = x[0]
    high = x[0]
    for value in x:
        if value < low:
            low = value
        if value > high:
            high = value
    return low, high


def count_above(x, limit):
    n = 0
    for i in range(len(x)):
        if x[i] > limit:
            n += 1
    return n
