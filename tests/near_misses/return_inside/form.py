# The array form of lifted.py; in refused.py it would be wrong.
def kernel(x, limit, out):
    y = x * x
    out[:] = np.where(y > limit, limit, y)
    return len(x)
