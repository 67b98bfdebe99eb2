# The array form of lifted.py; in refused.py it would be wrong.
def kernel(a):
    return int(a.argmin()) // a.shape[1]
