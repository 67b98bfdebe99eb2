"""Loops that walk memory across its rows change places; every element still sees the same, bit for bit."""

from __future__ import annotations

import numlift
import numpy as np
import pytest
from numlift import _native


def product(a, b, c):
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            for k in range(a.shape[1]):
                c[i, j] += a[i, k] * b[k, j]


def by_columns(a, b, c):
    for j in range(c.shape[1]):
        x = b[0, j]
        for i in range(c.shape[0]):
            c[i, j] = c[i, j] * 2.0 + a[i, 0] * x


def sums_of_rows(a, b, c):
    sums = np.zeros(c.shape[0])
    for k in range(3):
        for j in range(c.shape[1]):
            for i in range(c.shape[0]):
                sums[i] += c[i, j] * k
    return sums


def recurrence(a, b, c):
    for j in range(1, c.shape[1]):
        for i in range(1, c.shape[0]):
            c[i, j] = c[i - 1, j] * 0.5 + c[i, j - 1]


def one_sum(a, b, c):
    total = np.zeros(1)
    for j in range(c.shape[1]):
        for i in range(c.shape[0]):
            total[0] += c[i, j]
    return total


def diagonals(a, b, c):
    sums = np.zeros(c.shape[0] + c.shape[1])
    for j in range(c.shape[1]):
        for i in range(c.shape[0]):
            sums[i + j] += c[i, j]
    return sums


def of_what_is_stored(a, b, c):
    n = min(c.shape)
    for j in range(n):
        x = c[0, j]
        for i in range(n):
            c[i, j] = a[i, 0] * x


def triangle(a, b, c):
    n = min(c.shape)
    for j in range(n):
        for i in range(j):
            c[i, j] += 1.0


MOVED = [product, by_columns, sums_of_rows]
KEPT = [recurrence, one_sum, diagonals, of_what_is_stored, triangle]


def given(n, m, p):
    return [np.random.default_rng(seed).random(shape) for seed, shape in enumerate([(n, m), (m, p), (n, p)])]


@pytest.mark.parametrize("function", MOVED + KEPT, ids=lambda function: function.__name__)
def test_every_bit_stays(function):
    kernel = numlift.jit(function)
    for shape in [(0, 3, 2), (1, 1, 1), (5, 7, 3), (20, 30, 40), (33, 17, 33)]:
        expected, found = given(*shape), given(*shape)
        right, own = function(*expected), kernel(*found)
        assert np.array_equal(own, right)
        assert all(one.tobytes() == other.tobytes() for one, other in zip(found, expected))


@pytest.mark.parametrize("function", MOVED + KEPT, ids=lambda function: function.__name__)
def test_the_innermost_loop_goes_along_memory(function):
    form = str(_native.jit_stages(numlift.jit(function), given(5, 6, 7))[1])
    names = [line.split("(")[1].split()[1].rstrip(":") for line in form.splitlines() if " for %" in f" {line}"]
    assert (names[-1] == "j") == (function in MOVED)
