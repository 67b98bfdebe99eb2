# The array form of lifted.py; in refused.py it would be wrong.
def kernel(x):
    prev = np.zeros(len(x))
    prev[1:] = x[:-1]
    return x / (1.0 + prev * prev)
