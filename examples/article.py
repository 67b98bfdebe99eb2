# Trying out the tips from an article on how to make NumPy code faster.
# Slow are the loops of tips 1 to 4: the fast way is timed beside the first two.
import time
import numpy as np

# Tip 1: work on the whole array
arr = np.random.rand(1000000)
start = time.time()
result = []
for i in range(len(arr)):
    result.append(arr[i] ** 2)
print("Loop over the elements:", time.time() - start, "seconds")

start = time.time()
result = arr ** 2
print("Array expression:", time.time() - start, "seconds")

# Tip 2: let NumPy multiply matrices
size = 330
A = np.random.rand(size, size)
B = np.random.rand(size, size)


def multiply(A, B):
    """Matrix product the way it is done on paper."""
    n = len(A)
    m = len(B[0])
    p = len(B)

    # the rows of A have to be as long as the columns of B
    if len(A[0]) != p:
        raise ValueError("matrices do not fit")

    # start with zeros,
    # then add up
    C = [[0 for j in range(m)] for i in range(n)]

    for i in range(n):
        for j in range(m):
            for k in range(p):
                C[i][j] += A[i][k] * B[k][j]

    return C


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
numbers = []
for i in range(1000000):
    numbers.append(i)
numbers = np.array(numbers)
print("Growing a list:", time.perf_counter() - start, "seconds")

# Tip 4: allocate first, with the type that you need
n = 1000000
start = time.perf_counter()
arr = np.zeros(n, dtype=np.int32)
for i in range(n):
    arr[i] = i
print("Filling an array:", time.perf_counter() - start, "seconds")
