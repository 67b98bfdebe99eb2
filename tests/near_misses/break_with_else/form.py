# The array form of lifted.py; in refused.py it would be wrong.
def kernel(x, wanted):
    return int((x == wanted).sum()) + 100
