# expect: lift
# at: 9
import numpy as np


def crossings(samples):
    """How often does the sign change?"""
    n = 0
    for i in range(1, len(samples)):
        if samples[i - 1] < 0 and samples[i] >= 0 or samples[i - 1] >= 0 and samples[i] < 0:
            n = n + 1
    return n


samples = np.sin(np.linspace(0.3, 900.0, 400_000)) + 0.1
print("crossings:", crossings(samples))
