# The array form of lifted.py; in refused.py it would be wrong.
def kernel(x):
    return int(np.flatnonzero(x > 2)[-1])
