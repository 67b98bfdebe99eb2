# The array form of lifted.py; in refused.py it would be wrong.
def kernel(x, tasks):
    tasks.extend(x * 2)
    x[1] = 100.0
    return x.sum()
