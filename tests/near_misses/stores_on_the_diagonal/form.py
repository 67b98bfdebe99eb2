# The array form of lifted.py; in refused.py it would be wrong.
def kernel(x):
    i, j = np.triu_indices(len(x), 1)
    d = np.zeros((len(x), len(x)))
    d[i, j] = x[i] - x[j]
    d[j, i] = x[j] + x[i]
    return d
