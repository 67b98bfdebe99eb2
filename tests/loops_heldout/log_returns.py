# expect: lift
# at: 10
import math

import numpy as np


def log_returns(prices):
    returns = []
    for today in range(1, len(prices)):
        returns.append(math.log(prices[today] / prices[today - 1]))
    return returns


prices = 100 * np.cumprod(1 + np.random.default_rng(33).normal(0, 0.01, 200_000) * 0.1)
r = log_returns(prices)
print(type(r).__name__, len(r), "%.10f %.10f" % (r[0], sum(r)))
