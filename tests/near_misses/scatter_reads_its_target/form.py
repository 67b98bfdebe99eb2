# The array form of lifted.py; in refused.py it would be wrong.
def kernel(idx, w, out, old):
    out[idx] = w + old * 0.5
    return out
