# The array form of lifted.py; in refused.py it would be wrong.
def kernel(idx, w, out):
    out[idx] += w
    return out
