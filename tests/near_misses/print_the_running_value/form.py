# The array form of lifted.py; in refused.py it would be wrong.
def kernel(x):
    level = np.dot(x, x)
    print("level %.3f" % level)
    return level
