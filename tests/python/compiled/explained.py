"""Functions that `explain` is shown for; what it says stands in `explained.txt`."""

import math

import numpy as np


def jacobi(a, b, steps):
    for _ in range(steps):
        for i in range(1, a.shape[0] - 1):
            for j in range(1, a.shape[1] - 1):
                b[i, j] = 0.25 * (a[i - 1, j] + a[i + 1, j] + a[i, j - 1] + a[i, j + 1])
        a[:] = b
    return a


def total(x):
    s = 0.0
    for v in x:
        s += v * v
    return s


def gather(x, k, out):
    for i in range(len(k)):
        out[i] = x[k[i]] * 2
    return out


def expression(x, y):
    d = np.sqrt(x * x + y * y) + np.sin(x) * np.exp(-y)
    return d.sum()


def grows(n):
    s = 1
    for _ in range(n):
        s = s * 3
    return s


def mixed(x, names):
    s = 0.0
    for i in range(len(x)):
        for j in range(len(x)):
            s += x[i] * x[j]
        print(i)
    q = np.linalg.norm(x)
    return s / q


def product(a, b, n):
    for _ in range(n):
        a = a @ b
    return a


def sieve(n):
    flags = np.ones(n + 1, dtype=np.bool_)
    flags[:2] = False
    for i in range(2, int(math.sqrt(n)) + 1):
        if flags[i]:
            for j in range(i * i, n + 1, i):
                flags[j] = False
    return flags.sum()


def counts(x):
    d = {}
    for v in x:
        d[v] = d.get(v, 0) + 1
    return d


def escape(n, m):
    out = np.zeros((n, n), dtype=np.int64)
    for i in range(n):
        for j in range(n):
            x = y = 0.0
            k = 0
            while k < m and x * x + y * y < 4.0:
                x, y = x * x - y * y + 3 * i / n - 2, 2 * x * y + 3 * j / n - 1.5
                k += 1
            out[i, j] = k
    return out


def sums(x, rows):
    return np.exp(-x).sum(), (rows * rows).sum(axis=1)
