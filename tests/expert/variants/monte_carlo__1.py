import numpy as np

# area under a curve, by chance
rnd = np.random.RandomState(1234)


def f(x):
    return 0.5 + 0.4 * np.sin(3 * x)


def area(tries):
    x, y = rnd.random_sample((tries, 2)).T
    return np.count_nonzero(y < f(x)) / tries


print("first estimate", area(900000))
print("second estimate", area(300000))
print("then comes", round(rnd.random_sample(), 10))
