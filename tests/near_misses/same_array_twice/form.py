# The array form of lifted.py; in refused.py it would be wrong.
def kernel(a, b, c):
    c[1:] = a[1:] + b[:-1] * b[:-1]
