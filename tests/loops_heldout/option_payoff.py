# expect: lift
# at: 12
"""Price of a call option from simulated ends."""
import numpy as np


def price(spot, strike, rate, vol, years, paths):
    rng = np.random.default_rng(2718)
    drift = (rate - 0.5 * vol ** 2) * years
    spread = vol * np.sqrt(years)
    total = 0.0
    for p in range(paths):
        end = spot * np.exp(drift + spread * rng.standard_normal())
        if end > strike:
            total += end - strike
    return np.exp(-rate * years) * total / paths


print("%.8f" % price(100.0, 105.0, 0.03, 0.2, 1.0, 150_000))
