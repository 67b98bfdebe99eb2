# The array form of lifted.py; in refused.py it would be wrong.
def kernel(x):
    out = np.zeros(len(x))
    out[:-1] = x[:-1] * 2.0
    for i in range(len(x) - 1):
        print("%.1f" % out[i])
    return out
