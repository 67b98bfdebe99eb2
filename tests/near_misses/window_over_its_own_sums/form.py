# The array form of lifted.py; in refused.py it would be wrong.
def kernel(x, out):
    out[1:-1] = np.lib.stride_tricks.sliding_window_view(x, 3).sum(axis=1)
    return out
