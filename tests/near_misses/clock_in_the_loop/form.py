# The array form of lifted.py; in refused.py it would be wrong.
def kernel(n, clock):
    return np.full(n, clock())
