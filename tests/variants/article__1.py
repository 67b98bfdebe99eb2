import numpy as np
from time import time

# My notes from the page about vectorization, tried out one by one.

N = 2_000_000
values = np.random.randn(N)

t0 = time()
squares = np.empty(N)
for k in range(N):
    squares[k] = values[k] * values[k]
t1 = time()
print(f"by hand     {t1 - t0} seconds")
t0 = time()
squares = values * values
t1 = time()
print(f"vectorized  {t1 - t0} seconds")


def matrix_product(left, right):
    rows, inner, cols = len(left), len(right), len(right[0])
    if inner != len(left[0]):
        raise ValueError("shapes do not match")
    product = []
    for r in range(rows):
        line = []
        for c in range(cols):
            total = 0.0
            for q in range(inner):
                total += left[r][q] * right[q][c]
            line.append(total)
        product.append(line)
    return product


P = np.random.rand(240, 300)
Q = np.random.rand(300, 260)
t0 = time()
R = np.dot(P, Q)
print(f"np.dot      {time() - t0} seconds")
t0 = time()
R = matrix_product(P.tolist(), Q.tolist())
print(f"three loops {time() - t0} seconds")

t0 = time()
ready = np.zeros(N, dtype=np.int64)
for k in range(N):
    ready[k] = k
print(f"allocated   {time() - t0} seconds")

t0 = time()
grown = []
for k in range(N):
    grown.append(k)
grown = np.array(grown)
print(f"grown       {time() - t0} seconds")
