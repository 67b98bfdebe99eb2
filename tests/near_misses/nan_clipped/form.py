# The array form of lifted.py; in refused.py it would be wrong.
def kernel(x):
    return np.clip(x, 0.0, 1.0)
