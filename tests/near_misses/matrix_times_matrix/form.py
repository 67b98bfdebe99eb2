# The array form of lifted.py; in refused.py it would be wrong.
def kernel(A, B):
    return A * B
