# expect: lift
# at: 13
import numpy as np


def bmi(kg, cm):
    m = cm / 100
    return kg / (m * m)


def classes(kgs, cms):
    result = np.zeros(len(kgs), dtype=int)
    for k in range(len(kgs)):
        b = bmi(kgs[k], cms[k])
        if b < 18.5:
            result[k] = 0
        elif b < 25:
            result[k] = 1
        elif b < 30:
            result[k] = 2
        else:
            result[k] = 3
    return result


g = np.random.default_rng(88)
c = classes(g.normal(75, 14, 150_000), g.normal(171, 9, 150_000))
print([int((c == k).sum()) for k in range(4)], c[:12])
