# The array form of lifted.py; in refused.py it would be wrong.
def kernel(x, out):
    try:
        out[:] = 1 / x
    except FloatingPointError:
        pass
    return out
