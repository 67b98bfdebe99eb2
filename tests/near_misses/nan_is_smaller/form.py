# The array form of lifted.py; in refused.py it would be wrong.
def kernel(x):
    return np.fmin.reduce(x, initial=np.inf)
