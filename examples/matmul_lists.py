"""Product of two matrices that are kept as lists of lists.

Slow: matmul() is the textbook formula, three loops deep.
Usage: python matmul_lists.py [size]
"""
import sys


def make_matrix(rows, cols, shift):
    matrix = []
    for i in range(rows):
        row = []
        for j in range(cols):
            row.append(((i * 31 + j * 17 + shift) % 101) / 50.0 - 1.0)
        matrix.append(row)
    return matrix


def matmul(A, B):
    rows_a = len(A)
    cols_a = len(A[0])
    rows_b = len(B)
    cols_b = len(B[0])
    if cols_a != rows_b:
        raise ValueError("Cannot multiply: %d columns but %d rows" % (cols_a, rows_b))

    # result matrix full of zeros
    C = [[0.0] * cols_b for _ in range(rows_a)]
    for i in range(rows_a):
        for j in range(cols_b):
            for k in range(cols_a):
                C[i][j] += A[i][k] * B[k][j]
    return C


def main():
    size = 320
    if len(sys.argv) > 1:
        size = int(sys.argv[1])

    A = make_matrix(size, size + 20, 3)
    B = make_matrix(size + 20, size - 10, 8)
    C = matmul(A, B)

    print("shape:", len(C), "x", len(C[0]))
    print("corners: %.6f %.6f %.6f %.6f" % (C[0][0], C[0][-1], C[-1][0], C[-1][-1]))
    trace = 0.0
    for i in range(min(len(C), len(C[0]))):
        trace += C[i][i]
    print("trace: %.6f" % trace)
    print("largest: %.6f" % max(max(row) for row in C))

    try:
        matmul(A, A)
    except ValueError as problem:
        print(problem)


if __name__ == "__main__":
    main()
