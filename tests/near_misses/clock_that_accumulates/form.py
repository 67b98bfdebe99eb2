# The array form of lifted.py; in refused.py it would be wrong.
def kernel(step):
    return np.arange(0.0, 1.0, step)
