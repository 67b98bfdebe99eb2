import numpy as np

# prepare the x axis, the counters and the weights of a histogram


def counters(how_many):
    return np.arange(how_many, 0, -1, dtype='int32')


def axis(how_many, low, high):
    width = (high - low) / how_many
    return low + (np.arange(how_many) + 0.5) * width


def inside(points, weights):
    return weights[(points >= -1.0) & (points <= 1.0)]


size = 2500000
x = axis(size, -3.0, 5.0)
c = counters(size)
w = c / 4 + x
near = inside(x, w)
print("%.7f %.7f %.7f" % (x[0], x[-1], x.mean()))
print(c[0], c[-1], c.dtype, int(c.sum(dtype=np.int64)))
print("%.5f %.5f" % (w[1], w[-2]), near.shape, "%.4f" % near.mean())
