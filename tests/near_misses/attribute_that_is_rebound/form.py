# The array form of lifted.py; in refused.py it would be wrong.
def kernel(chain):
    chain.x *= chain.factor
    return chain.x
