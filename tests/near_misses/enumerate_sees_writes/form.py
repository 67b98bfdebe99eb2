# The array form of lifted.py; in refused.py it would be wrong.
def kernel(x, y):
    y[1:] = 2 * x[:-1] * x[:-1] + 1
    return y
