# The array form of lifted.py; in refused.py it would be wrong.
def kernel(x, rng):
    u = rng.random(len(x))
    return np.where((u < 0.6) & (x > 0), x, 0.0)
