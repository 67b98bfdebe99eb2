# The array form of lifted.py; in refused.py it would be wrong.
def kernel(n, rng):
    return rng.random((n, 3)).sum(axis=1)
