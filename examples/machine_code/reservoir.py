"""A reservoir that is filled by rain and overflows: a recurrence with a condition."""

import numpy as np

CAPACITY = 120.0


def levels(rain, demand, start):
    level = np.empty(len(rain))
    spilled = 0.0
    now = start
    for day in range(len(rain)):
        now = now + rain[day] - demand * (0.5 + now / CAPACITY)
        if now > CAPACITY:
            spilled += now - CAPACITY
            now = CAPACITY
        elif now < 0.0:
            now = 0.0
        level[day] = now
    return level, spilled


if __name__ == "__main__":
    rain = np.random.default_rng(3).exponential(4.0, 2_000_000)
    level, spilled = levels(rain, 5.0, 60.0)
    print(f"mean level {level.mean():.6f}, spilled {spilled:.3f}")
