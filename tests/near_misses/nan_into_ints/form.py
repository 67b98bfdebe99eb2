# The array form of lifted.py; in refused.py it would be wrong.
def kernel(x, out):
    out[:] = x * 2
