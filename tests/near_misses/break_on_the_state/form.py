# The array form of lifted.py; in refused.py it would be wrong.
def kernel(x, limit):
    large = np.count_nonzero(x > limit)
    return x.sum() + 0.125 * (len(x) - large), large
