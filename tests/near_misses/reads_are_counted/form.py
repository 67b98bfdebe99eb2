# The array form of lifted.py; in refused.py it would be wrong.
def kernel(x):
    x = np.asarray(x)
    return x * x
