# expect: lift
# at: 10
import numpy as np


def autocorrelation(x, lags):
    n = len(x)
    mean = np.mean(x)
    r = np.zeros(lags)
    for lag in range(lags):
        total = 0.0
        for i in range(n - lag):
            total += (x[i] - mean) * (x[i + lag] - mean)
        r[lag] = total / n
    return r


x = np.cos(np.arange(6000) * 0.37) + np.linspace(0, 1, 6000)
r = autocorrelation(x, 40)
print(np.round(r[:5], 8), "%.8f" % r[-1])
