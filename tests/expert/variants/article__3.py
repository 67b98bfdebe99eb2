import time as timer
import numpy as xp

mat_size = 220
big = 600_000

# 1. growing
tic = timer.perf_counter()
nums = xp.arange(big)
toc = timer.perf_counter()
print("list, then array", toc - tic, "seconds")

# 2. filling
tic = timer.perf_counter()
nums = xp.arange(big, dtype=xp.int32)
toc = timer.perf_counter()
print("array, element by element", toc - tic, "seconds")

# 3. matrices
first = xp.random.rand(mat_size, mat_size)
second = xp.random.rand(mat_size, mat_size)
u = first.tolist()
v = second.tolist()
tic = timer.perf_counter()
w = xp.array(u) @ xp.array(v)
toc = timer.perf_counter()
print("product by loops", toc - tic, "seconds")
tic = timer.perf_counter()
w = xp.dot(first, second)
toc = timer.perf_counter()
print("product by dot", toc - tic, "seconds")

# 4. squares
sample = xp.random.rand(2 * big)
tic = timer.perf_counter()
w = sample**2
toc = timer.perf_counter()
print("squares by a comprehension", toc - tic, "seconds")
tic = timer.perf_counter()
w = sample**2
toc = timer.perf_counter()
print("squares by an expression", toc - tic, "seconds")
