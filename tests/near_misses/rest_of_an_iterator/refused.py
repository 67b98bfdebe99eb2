# refuse: consumed-iterator
# or: the first n + 1 taken from the iterator, n of them used
# at: 6
def kernel(x, n):
    total = 0.0
    for k, v in zip(range(n), x):
        total += v * v
    return total


x = iter([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
print("%.4f" % kernel(x, 3))
print(["%.1f" % v for v in x])
