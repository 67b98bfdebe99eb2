# The array form of lifted.py; in refused.py it would be wrong.
def kernel(A, B):
    B[:] = A.copy()
    A[0, 0] = 100.0
    return [float(row[0]) for row in B]
