# expect: lift
# at: 10
import math
import numpy as np

BLOCK = 64

def envelope(x):
    result = []
    for b in range(len(x) // BLOCK):
        acc = 0.0
        for k in range(BLOCK):
            acc += x[b * BLOCK + k] * x[b * BLOCK + k]
        result.append(math.sqrt(acc / BLOCK))
    return np.array(result)

def main():
    gen = np.random.default_rng(5)
    x = gen.normal(size=300_000) * np.linspace(0, 1, 300_000)
    e = envelope(x)
    print(len(e), "%.8f" % e[10], "%.8f" % e[-1])

main()
