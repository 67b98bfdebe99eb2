# The array form of lifted.py; in refused.py it would be wrong.
def kernel(values, out):
    out[:] = 1.0 / np.asarray(values)
