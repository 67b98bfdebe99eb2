import numpy as np

# area under a curve, by chance
rnd = np.random.RandomState(1234)


def f(x):
    return 0.5 + 0.4 * np.sin(3 * x)


def area(tries):
    below = 0
    k = 0
    while k < tries:
        x = rnd.random_sample()
        y = rnd.random_sample()
        if y < f(x):
            below = below + 1
        k = k + 1
    return below / tries


print("first estimate", area(900000))
print("second estimate", area(300000))
print("then comes", round(rnd.random_sample(), 10))
