# The array form of lifted.py; in refused.py it would be wrong.
def kernel(x, kept):
    out = np.empty_like(kept)
    out[:] = x * x
    for i in range(len(x)):
        print("%.1f" % out[i])
        if x[i] < 0.0:
            raise ValueError(i)
    return out
