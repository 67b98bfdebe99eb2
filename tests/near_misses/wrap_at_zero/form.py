# The array form of lifted.py; in refused.py it would be wrong.
def kernel(x):
    out = np.zeros(len(x))
    out[1:] = x[1:] - x[:-1]
    return out
