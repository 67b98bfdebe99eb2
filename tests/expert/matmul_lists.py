"""Product of two matrices that are kept as lists of lists.

Usage: python matmul_lists.py [size]
"""
import sys

import numpy as np


def make_matrix(rows, cols, shift):
    i = np.arange(rows)[:, None]
    j = np.arange(cols)
    return (((i * 31 + j * 17 + shift) % 101) / 50.0 - 1.0).tolist()


def matmul(A, B):
    if len(A[0]) != len(B):
        raise ValueError("Cannot multiply: %d columns but %d rows" % (len(A[0]), len(B)))
    return (np.array(A) @ np.array(B)).tolist()


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
