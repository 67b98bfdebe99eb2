# The array form of lifted.py; in refused.py it would be wrong.
def kernel(x, out):
    v = np.where(x < 0, 0.0, x)
    out[:] = v * v
