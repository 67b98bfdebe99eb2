import numpy as np

DATA = np.linspace(-1.0, 2.0, 1_800_000) ** 3


def mean_of(xs):
	k = 0
	acc = 0.0
	while k < len(xs):
		acc += xs[k]
		k += 1
	return acc / len(xs)


def deviation_of(xs):
	mu = mean_of(xs)
	sq = [(x - mu) ** 2 for x in xs]
	return (sum(sq) / len(sq)) ** 0.5


parts = DATA.reshape(3, -1)
for row in range(parts.shape[0]):
	print("part", row, "mean", "%.8f" % mean_of(parts[row]), "std", "%.8f" % deviation_of(parts[row]))
print("all      mean", "%.8f" % mean_of(DATA), "std", "%.8f" % deviation_of(DATA))
