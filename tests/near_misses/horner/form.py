# The array form of lifted.py; in refused.py it would be wrong.
def kernel(x, w):
    return 1.0 + (x * w).sum()
