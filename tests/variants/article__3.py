import time as timer
import numpy as xp

mat_size = 220
big = 600_000

# 1. growing
tic = timer.perf_counter()
nums = []
for j in range(big):
    nums.append(j)
nums = xp.array(nums)
toc = timer.perf_counter()
print("list, then array", toc - tic, "seconds")

# 2. filling
tic = timer.perf_counter()
nums = xp.zeros(big, dtype=xp.int32)
for j in range(0, big):
    nums[j] = j
toc = timer.perf_counter()
print("array, element by element", toc - tic, "seconds")

# 3. matrices
first = xp.random.rand(mat_size, mat_size)
second = xp.random.rand(mat_size, mat_size)
u = first.tolist()
v = second.tolist()
tic = timer.perf_counter()
w = [[0 for _ in range(mat_size)] for _ in range(mat_size)]
for x in range(mat_size):
    for y in range(mat_size):
        for z in range(mat_size):
            w[x][y] += u[x][z] * v[z][y]
toc = timer.perf_counter()
print("product by loops", toc - tic, "seconds")
tic = timer.perf_counter()
w = xp.dot(first, second)
toc = timer.perf_counter()
print("product by dot", toc - tic, "seconds")

# 4. squares
sample = xp.random.rand(2 * big)
tic = timer.perf_counter()
w = [sample[j]**2 for j in range(len(sample))]
toc = timer.perf_counter()
print("squares by a comprehension", toc - tic, "seconds")
tic = timer.perf_counter()
w = sample**2
toc = timer.perf_counter()
print("squares by an expression", toc - tic, "seconds")
