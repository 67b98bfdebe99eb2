# expect: refuse
# at: 10
"""A low pass of one pole, with a soft limiter in the loop."""
import numpy as np


def low_pass(x, a):
    y = np.zeros_like(x)
    state = 0.0
    for n in range(len(x)):
        state = state + a * (x[n] - state)
        if state > 0.9:
            state = 0.9 + 0.1 * (state - 0.9)
        y[n] = state
    return y


y = low_pass(np.sin(np.arange(150_000) * 0.01) * 1.5, 0.05)
print("%.9f %.9f" % (y.max(), y[-1]))
