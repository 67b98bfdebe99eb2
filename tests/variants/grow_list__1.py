import numpy as np

# prepare the x axis, the counters and the weights of a histogram


def counters(how_many):
    c = np.zeros(how_many, dtype='int32')
    for index in range(how_many):
        c[index] = how_many - index
    return c


def axis(how_many, low, high):
    points = []
    width = (high - low) / how_many
    for index in range(how_many):
        points.append(low + (index + 0.5) * width)
    return np.asarray(points)


def inside(points, weights):
    found = []
    for p, w in zip(points, weights):
        if p >= -1.0 and p <= 1.0:
            found.append(w)
    return np.array(found)


size = 2500000
x = axis(size, -3.0, 5.0)
c = counters(size)
w = np.zeros(size)
for index in range(size):
    w[index] = c[index] / 4 + x[index]
near = inside(x, w)
print("%.7f %.7f %.7f" % (x[0], x[-1], x.mean()))
print(c[0], c[-1], c.dtype, int(c.sum(dtype=np.int64)))
print("%.5f %.5f" % (w[1], w[-2]), near.shape, "%.4f" % near.mean())
