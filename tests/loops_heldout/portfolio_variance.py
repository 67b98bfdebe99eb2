# expect: lift
# at: 7
import numpy as np

def variance(weights, cov):
    v = 0
    for i in range(len(weights)):
        for j in range(len(weights)):
            v += weights[i] * weights[j] * cov[i][j]
    return v

g = np.random.default_rng(51)
n = 350
L = g.normal(size=(n, n)) / n
cov = L @ L.T
w = np.ones(n) / n
print("%.14f" % variance(w, cov))
