# The array form of lifted.py; in refused.py it would be wrong.
def kernel(A, w):
    return (A * w).sum(axis=1)
