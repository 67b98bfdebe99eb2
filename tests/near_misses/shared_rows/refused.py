# refuse: alias
# or: the sum over k alone
# at: 8
def kernel(A, B):
    n = len(A)
    m = len(B[0])
    C = [[0.0] * m] * n
    for i in range(n):
        for j in range(m):
            for k in range(len(B)):
                C[i][j] += A[i][k] * B[k][j]
    return C


A = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
B = [[0.5, 1.0], [2.0, 0.25]]
print(kernel(A, B))
