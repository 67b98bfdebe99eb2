# The array form of lifted.py; in refused.py it would be wrong.
def kernel(x, n):
    out = np.zeros(n)
    out[2:] = x[:n - 2] + x[2:n]
    return out
