# The article's tips, every one of them taken.
import time
import numpy as np

# Tip 1: work on the whole array
arr = np.random.rand(1000000)
start = time.time()
result = arr ** 2
print("Loop over the elements:", time.time() - start, "seconds")

start = time.time()
result = arr ** 2
print("Array expression:", time.time() - start, "seconds")

# Tip 2: let NumPy multiply matrices
size = 330
A = np.random.rand(size, size)
B = np.random.rand(size, size)


def multiply(A, B):
    """Matrix product of two lists of lists."""
    if len(A[0]) != len(B):
        raise ValueError("matrices do not fit")

    return np.array(A) @ np.array(B)


a_list = A.tolist()
b_list = B.tolist()

start = time.time()
C = multiply(a_list, b_list)
end = time.time()
print("Three loops:", end - start, "seconds")

start = time.time()
C = np.dot(A, B)
print("np.dot:", time.time() - start, "seconds")

# Tip 3: do not grow lists
start = time.perf_counter()
numbers = np.arange(1000000)
print("Growing a list:", time.perf_counter() - start, "seconds")

# Tip 4: allocate first, with the type that you need
n = 1000000
start = time.perf_counter()
arr = np.arange(n, dtype=np.int32)
print("Filling an array:", time.perf_counter() - start, "seconds")
