# The array form of lifted.py; in refused.py it would be wrong.
def kernel(n):
    x = np.arange(n) * 2.0
    out = x * factor
    for i in range(n):
        calibrate(i, **{})
    return out
