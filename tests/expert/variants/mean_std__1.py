import numpy as np


def describe(sample):
    return sample.mean(), sample.std(ddof=1)


gen = np.random.default_rng(31)
for label in "ABC":
    sample = gen.gamma(2.0, 3.0, size=2000000)
    average, deviation = describe(sample)
    print(label, "average", round(float(average), 7), "deviation", round(float(deviation), 7))
