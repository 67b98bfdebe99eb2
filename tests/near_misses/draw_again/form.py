# The array form of lifted.py; in refused.py it would be wrong.
def kernel(n, rng):
    u = rng.random(n)
    return np.where(u > 0.5, 1.0 - u, u).sum()
