# The array form of lifted.py; in refused.py it would be wrong.
def kernel(a, width):
    return a * 2.0
