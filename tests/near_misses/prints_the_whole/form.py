# The array form of lifted.py; in refused.py it would be wrong.
def kernel(x):
    out = x * 2.0
    for i in range(len(x)):
        if i % 2 == 0:
            print(x)
    return out
