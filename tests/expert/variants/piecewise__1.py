import numpy as np


def tax_middle(income):
    over = income - 11000.0
    return over * (0.15 + 0.000002 * over)


def tax(incomes):
    taxes = tax_middle(np.minimum(incomes, 60000.0)) + np.maximum(incomes - 60000.0, 0.0) * 0.42
    taxes[incomes <= 11000.0] = 0.0
    return taxes


np.random.seed(77)
incomes = np.random.lognormal(10.2, 0.7, 4000000)
t = tax(incomes)
print("people who pay nothing:", np.count_nonzero(t == 0))
print("all taxes: %.4f" % t.sum())
print("highest: %.4f" % t.max())
print("first ones:", ["%.3f" % v for v in t[:5]])
