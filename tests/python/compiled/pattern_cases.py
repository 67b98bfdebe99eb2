"""Generators that are consumed in place, `match`, and stars."""

from __future__ import annotations

import math

import numpy as np
from cases import case

GRID = np.linspace(0.0, 1.0, 50)
LISTED = GRID.tolist()


@case((GRID,), (LISTED,), (np.zeros(0),), ([],), ([1, 2.5, True],), (np.array([np.nan, 1, 2]),))
def extremes(x):
    return max(v * 2 for v in x), min(abs(v - 0.5) for v in x if v >= 0)


@case((LISTED,), ([1, 2, 3],), ([],), ([1, 2.5, 10**17],), ([0.1] * 10,))
def sums(x):
    return sum(v * v for v in x), sum(1 for v in x if v > 0.5), sum(v * 0.1 for v in x)


@case((GRID, 0.9), (GRID, 7), (LISTED, 0.9), ([], 0))
def firsts(x, t):
    k = next((i for i in range(len(x)) if x[i] > t), -1)
    v = next((v for v in x if v > t), None)
    return k, v, next(i for i in range(5) if i > t)


@case((np.array([0, 1, 2, 3, 4, 7]), np.arange(6.0)), (np.zeros(0, int), np.zeros(0)))
def match_codes(codes, x):
    s, n = 0.0, 0
    for i in range(len(codes)):
        match codes[i]:
            case 0:
                s += x[i]
                continue
            case 1 | 2:
                s -= x[i]
            case 3 if x[i] > 100:
                s = 7
            case 3:
                s *= 0.5
            case k if k > 5:
                n += k
                break
            case _:
                s += 1.0
        n += 1
    return s, n


@case((3, 4.0, "a"), (0, 1.5, None), (0, 0, True), (1, 2, 3), (-1, (1, 2), "b"), (5, (1, 2.0, 3), 1.0))
def match_kinds(a, b, c):
    match a, b:
        case 0, 0:
            r = "zero"
        case (0, y):
            r = y * 2
        case (1 as k, z):
            r = k + z
        case (-1, (p, q)) if p < q:
            r = p, q
        case (_, (p, q, w)):
            return p + q + w
        case _:
            r = None
    match c:
        case None:
            return r, 0
        case True | False:
            return r, 1
        case "a" | "b":
            return r, 2
        case 3:
            return r, 3
        case 1.0:
            return r, a / (b[5] - 1)
    return r, 5


@case((2,), (9,))
def match_leaves(n):
    x = np.arange(3)
    for i in range(n):
        match x[i] * 2:
            case 0:
                y = 1
            case v if x[v // 2 + i] > 0:
                y = v
            case _:
                y = 3
    return y


def norm2(*v):
    s = 0.0
    for c in v:
        s += c * c
    return math.sqrt(s)


def first_of(a, *rest, k=2):
    return a + k + len(rest) + (rest[0] if len(rest) else 0)


def lin(x, a, b=1.0):
    return a * x + b


@case((GRID, (2.0, 3.0)), (LISTED, (2.0,)))
def stars(x, p):
    s = 0.0
    for v in x:
        s += norm2(v, 1.0, 2.0) + norm2() + lin(v, *p) + first_of(v) + first_of(1, v, 3, k=7) + first_of(*p, *p)
    return s


@case((np.arange(12.0).reshape(4, 3),), (np.zeros((0, 3)),))
def unpacks(a):
    s = 0.0
    rest = None
    for i in range(a.shape[0]):
        first, *rest = (a[i, 0], a[i, 1], a[i, 2])
        *most, last = i, 2, 3
        (x, *_), y = (1, 2), 3
        s += first + last + len(most) + x + y
        for r in rest:
            s -= r
    return s, rest
