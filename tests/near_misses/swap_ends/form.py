# The array form of lifted.py; in refused.py it would be wrong.
def kernel(b):
    b[:] = b[::-1].copy()
    return b
