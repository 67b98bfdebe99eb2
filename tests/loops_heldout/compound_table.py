# expect: lift
# at: 8
import numpy as np


def savings(rates, years):
    table = np.zeros((len(rates), years))
    for i in range(len(rates)):
        for y in range(years):
            table[i][y] = 1000.0 * (1.0 + rates[i] / 100.0) ** (y + 1)
    return table


t = savings(np.linspace(0.1, 8.0, 800), 60)
print("%.4f %.4f %.4f" % (t[0, 0], t[-1, -1], t.sum()))
