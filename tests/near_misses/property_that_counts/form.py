# The array form of lifted.py; in refused.py it would be wrong.
def kernel(filter_, x):
    return filter_.scale * x + 1
