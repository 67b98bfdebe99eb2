# The array form of lifted.py; in refused.py it would be wrong.
def kernel(n, out):
    out[:] = np.arange(n) * 3
    return out
