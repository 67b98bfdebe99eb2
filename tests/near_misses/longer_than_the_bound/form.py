# The array form of lifted.py; in refused.py it would be wrong.
def kernel(x, out):
    out[:] = x[:len(out)] + 0.5
    return out
