# The array form of lifted.py; in refused.py it would be wrong.
def kernel(x):
    global level
    out = 0.5 * x + 1.0
    level = out[-1]
    return out
