# The array form of lifted.py; in refused.py it would be wrong.
def kernel(x):
    out = np.ones(len(x))
    out[1:] = 1.0 + np.cumsum(x[1:])
    return out
