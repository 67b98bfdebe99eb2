"""The kernels of `micro.py`, as a person writes them; every compiler gets the same text.

A function named `x_numpy` is what a person writes for NumPy alone where that differs.
"""

import numpy as np


# pythran export squares(float64[])
def squares(x):
    return x * x


# pythran export fused(float64[], float64[])
def fused(x, y):
    return np.sqrt(x * x + y * y) + np.sin(x) * np.exp(-y)


# pythran export mean(float64[])
def mean(x):
    return np.mean(x)


# pythran export jacobi(float64[:, :], float64[:, :], int)
def jacobi(a, b, steps):
    n, m = a.shape
    for _ in range(steps):
        for i in range(1, n - 1):
            for j in range(1, m - 1):
                b[i, j] = 0.25 * (a[i - 1, j] + a[i + 1, j] + a[i, j - 1] + a[i, j + 1])
        for i in range(1, n - 1):
            for j in range(1, m - 1):
                a[i, j] = 0.25 * (b[i - 1, j] + b[i + 1, j] + b[i, j - 1] + b[i, j + 1])
    return a


def jacobi_numpy(a, b, steps):
    for _ in range(steps):
        b[1:-1, 1:-1] = 0.25 * (a[:-2, 1:-1] + a[2:, 1:-1] + a[1:-1, :-2] + a[1:-1, 2:])
        a[1:-1, 1:-1] = 0.25 * (b[:-2, 1:-1] + b[2:, 1:-1] + b[1:-1, :-2] + b[1:-1, 2:])
    return a


# pythran export mandelbrot(int, int)
def mandelbrot(n, limit):
    counts = np.zeros((n, n), np.int64)
    for i in range(n):
        for j in range(n):
            cr = -2.0 + 2.5 * j / n
            ci = -1.25 + 2.5 * i / n
            zr = 0.0
            zi = 0.0
            k = 0
            while k < limit and zr * zr + zi * zi <= 4.0:
                zr, zi = zr * zr - zi * zi + cr, 2.0 * zr * zi + ci
                k += 1
            counts[i, j] = k
    return counts


def mandelbrot_numpy(n, limit):
    c = (-2.0 + 2.5 * np.arange(n) / n)[None, :] + 1j * (-1.25 + 2.5 * np.arange(n) / n)[:, None]
    z = np.zeros_like(c)
    counts = np.zeros((n, n), np.int64)
    for _ in range(limit):
        inside = z.real * z.real + z.imag * z.imag <= 4.0
        z[inside] = z[inside] ** 2 + c[inside]
        counts[inside] += 1
    return counts


# pythran export pairs(float64[:, :])
def pairs(x):
    n = x.shape[0]
    out = np.empty((n, n))
    for i in range(n):
        for j in range(n):
            d = 0.0
            for k in range(3):
                t = x[i, k] - x[j, k]
                d += t * t
            out[i, j] = np.sqrt(d)
    return out


def pairs_numpy(x):
    return np.sqrt(((x[:, None, :] - x[None, :, :]) ** 2).sum(axis=2))


# pythran export recurrence(float64[], float64)
def recurrence(x, a):
    y = np.empty_like(x)
    last = 0.0
    for i in range(len(x)):
        last = a * last + x[i]
        y[i] = last
    return y


# pythran export gather(float64[], int64[])
def gather(x, where):
    out = np.empty(len(where))
    for i in range(len(where)):
        out[i] = x[where[i]] * 2.0
    return out


def gather_numpy(x, where):
    return x[where] * 2.0


# pythran export histogram(float64[], int)
def histogram(x, bins):
    counts = np.zeros(bins, np.int64)
    for i in range(len(x)):
        counts[int(x[i] * bins)] += 1
    return counts


def histogram_numpy(x, bins):
    return np.bincount((x * bins).astype(np.int64), minlength=bins)


# pythran export matmul(float64[:, :], float64[:, :])
def matmul(a, b):
    n, m = a.shape
    p = b.shape[1]
    c = np.zeros((n, p))
    for i in range(n):
        for j in range(p):
            for k in range(m):
                c[i, j] += a[i, k] * b[k, j]
    return c


def matmul_numpy(a, b):
    return a @ b
