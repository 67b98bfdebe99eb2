# expect: refuse
# at: 9
import numpy as np


def epidemic(days, beta, gamma):
    s, i, r = 0.999, 0.001, 0.0
    history = np.zeros((days, 3))
    for day in range(days):
        new = beta * s * i
        healed = gamma * i
        s -= new
        i += new - healed
        r += healed
        history[day] = s, i, r
    return history


h = epidemic(60_000, 0.3, 0.1)
print(np.round(h[99], 8), np.round(h[-1], 8), int(h[:, 1].argmax()))
