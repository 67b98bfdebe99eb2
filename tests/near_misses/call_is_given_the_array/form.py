# The array form of lifted.py; in refused.py it would be wrong.
def kernel(n):
    x = np.arange(n) * 1.5
    out = 0.5 * x * x
    log = np.ones(n)
    for i in range(n):
        turn(log, **{})
    return out
