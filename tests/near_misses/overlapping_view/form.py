# The array form of lifted.py; in refused.py it would be wrong.
def kernel(a, out):
    out[:] = 0.5 * a[:-1] * a[:-1] + 1.0
    return out
