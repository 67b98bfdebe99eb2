# The array form of lifted.py; in refused.py it would be wrong.
def kernel(a, out):
    out[1:-1] = (a[:-2] + a[2:]) / 2
    return out
