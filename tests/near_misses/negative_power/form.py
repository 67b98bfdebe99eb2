# The array form of lifted.py; in refused.py it would be wrong.
def kernel(values):
    return (values.astype(float) ** -1.0).sum()
