import numpy as np

DATA = np.linspace(-1.0, 2.0, 1_800_000) ** 3


def mean_of(xs):
	return xs.mean()


def deviation_of(xs):
	return xs.std()


parts = DATA.reshape(3, -1)
for row in range(parts.shape[0]):
	print("part", row, "mean", "%.8f" % mean_of(parts[row]), "std", "%.8f" % deviation_of(parts[row]))
print("all      mean", "%.8f" % mean_of(DATA), "std", "%.8f" % deviation_of(DATA))
