# The array form of lifted.py; in refused.py it would be wrong.
def kernel(a):
    return a.copy().ravel()
