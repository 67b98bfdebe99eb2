# expect: lift
# at: 9
import numpy as np

# how many people are in each group of ten years?

def age_groups(ages):
    groups = [0] * 12
    for age in ages:
        groups[age // 10] += 1
    return groups

ages = np.random.RandomState(15).randint(0, 115, 300000)
print(age_groups(ages))
