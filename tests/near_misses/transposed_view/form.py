# The array form of lifted.py; in refused.py it would be wrong.
def kernel(a, out):
    out[:] = 2 * a + 1
    return out
