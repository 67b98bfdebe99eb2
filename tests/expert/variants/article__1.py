import numpy as np
from time import time

# My notes from the page about vectorization, tried out one by one.

N = 2_000_000
values = np.random.randn(N)

t0 = time()
squares = values * values
t1 = time()
print(f"by hand     {t1 - t0} seconds")
t0 = time()
squares = values * values
t1 = time()
print(f"vectorized  {t1 - t0} seconds")


def matrix_product(left, right):
    if len(left[0]) != len(right):
        raise ValueError("shapes do not match")
    return np.array(left) @ np.array(right)


P = np.random.rand(240, 300)
Q = np.random.rand(300, 260)
t0 = time()
R = np.dot(P, Q)
print(f"np.dot      {time() - t0} seconds")
t0 = time()
R = matrix_product(P.tolist(), Q.tolist())
print(f"three loops {time() - t0} seconds")

t0 = time()
ready = np.arange(N)
print(f"allocated   {time() - t0} seconds")

t0 = time()
grown = np.arange(N)
print(f"grown       {time() - t0} seconds")
