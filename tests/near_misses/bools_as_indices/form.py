# The array form of lifted.py; in refused.py it would be wrong.
def kernel(x, idx):
    return np.array(x)[np.array(idx)]
