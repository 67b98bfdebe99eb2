# The array form of lifted.py; in refused.py it would be wrong.
def kernel(A):
    return A.sum(axis=1)
