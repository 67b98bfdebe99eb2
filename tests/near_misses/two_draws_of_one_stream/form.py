# The array form of lifted.py; in refused.py it would be wrong.
def kernel(n, start, noise):
    return start.normal(size=n) + noise.random(n)
