import numpy as np

# the squares end in a list, because the shop's old program takes lists only


def old_program(prices):
    assert type(prices) is list
    prices.reverse()
    while len(prices) > 5:
        del prices[5:]
    return prices + ["end"]


np.random.seed(8)
for day in range(8):
    x = np.random.randint(0, 5000, 1000000) / 8.0
    squares = list(x**2)
    print(day, len(squares), ["%.6f" % s if type(s) is np.float64 else s for s in old_program(squares)])
