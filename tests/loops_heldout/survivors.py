# expect: lift
# at: 8
import numpy as np

def survivors(ages, sick, limit):
    """Numbers of the animals that are old and healthy."""
    found = []
    for i in range(len(ages)):
        if ages[i] >= limit and not sick[i]:
            found.append(i)
    return found

g = np.random.RandomState(40)
f = survivors(g.exponential(6.0, 250000), g.rand(250000) < 0.2, 10.0)
print(type(f), len(f), f[:5], f[-1])
