# expect: lift
# at: 9
import numpy as np


def turnover(shop, amount, shops):
    total = np.zeros(shops)
    count = np.zeros(shops, dtype=int)
    for k in range(len(shop)):
        total[shop[k]] += amount[k]
        count[shop[k]] += 1
    return total, count


g = np.random.RandomState(19)
shop = g.randint(0, 25, 150000)
amount = np.round(g.gamma(2, 20, 150000), 2)
t, c = turnover(shop, amount, 25)
print(np.round(t[:4], 4), c[:4], "%.4f" % t.sum())
