# expect: refuse
# at: 12
import numpy as np


def trade(prices, drop):
    """Buy at once, sell when the price has lost too much, buy back lower."""
    cash = 0.0
    shares = 1.0
    top = prices[0]
    trades = 0
    for p in prices:
        if shares > 0:
            if p > top:
                top = p
            elif p < top * (1 - drop):
                cash = shares * p
                shares = 0.0
                top = p
                trades += 1
        elif p < top:
            shares = cash / p * 0.999
            top = p
    return cash + shares * prices[-1], trades


prices = 50 + 10 * np.sin(np.arange(120_000) * 0.003) + np.random.default_rng(6).normal(0, 0.3, 120_000)
print("%.8f %d" % trade(prices, 0.04))
