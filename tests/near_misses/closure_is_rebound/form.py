# The array form of lifted.py; in refused.py it would be wrong.
def kernel(x, k):
    k = k + 1.0
    return k * x, k
