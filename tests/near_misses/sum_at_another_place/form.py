# The array form of lifted.py; in refused.py it would be wrong.
def kernel(idx, w):
    h = np.zeros(4)
    np.add.at(h, idx, w)
    return h
