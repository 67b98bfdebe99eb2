# The array form of lifted.py; in refused.py it would be wrong.
def kernel(x, out):
    top = max(0.0, x.max())
    out.write("%.2f " % top)
    return top
