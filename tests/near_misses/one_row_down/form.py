# The array form of lifted.py; in refused.py it would be wrong.
def kernel(b):
    b[1:] = 0.5 * b[:-1] * b[:-1] + b[1:]
    return b
