# The array form of lifted.py; in refused.py it would be wrong.
def kernel(u, new):
    new[1:-1, 1:-1] = 0.25 * (u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:])
