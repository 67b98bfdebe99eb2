# The array form of lifted.py; in refused.py it would be wrong.
def kernel(x):
    out = x * x
    for i in range(len(x)):
        if x[i] > 2.0:
            print("large at", i)
    return out
