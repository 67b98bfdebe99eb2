# The array form of lifted.py; in refused.py it would be wrong.
def kernel(x, k):
    return k * x, 0
