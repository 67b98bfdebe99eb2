# The array form of lifted.py; in refused.py it would be wrong.
def kernel(x):
    other[1:] += 10.0
    return x[:-1] * x[:-1] + 1.0
