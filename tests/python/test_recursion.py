"""Functions that call themselves: Python's results and exceptions, through all calls, and no Python in them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numlift
import numpy as np
import pytest
from numlift import _native


def quicksort(a, lo, hi):
    if lo < hi:
        pivot = a[hi]
        i = lo - 1
        for j in range(lo, hi):
            if a[j] <= pivot:
                i += 1
                a[i], a[j] = a[j], a[i]
        a[i + 1], a[hi] = a[hi], a[i + 1]
        quicksort(a, lo, i)
        quicksort(a, i + 2, hi)


def merge_sort(a):
    n = len(a)
    if n <= 1:
        return a
    m = n // 2
    left, right = merge_sort(a[:m]), merge_sort(a[m:])
    out = np.empty(n)
    i = j = 0
    for k in range(n):
        if j >= len(right) or (i < len(left) and left[i] <= right[j]):
            out[k] = left[i]
            i += 1
        else:
            out[k] = right[j]
            j += 1
    return out


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def sum_of_fibs(m):
    s = 0
    for k in range(m):
        s += fib(k)
    return s


def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


def is_safe(columns, row, column):
    for r in range(row):
        d = columns[r] - column
        if d == 0 or d == row - r or d == r - row:
            return False
    return True


def queens(columns, row, n):
    if row == n:
        return 1
    count = 0
    for c in range(n):
        if is_safe(columns, row, c):
            columns[row] = c
            count += queens(columns, row + 1, n)
    return count


def first_queens(columns, row):
    if row == len(columns):
        return True
    for c in range(len(columns)):
        columns[row] = c
        if is_safe(columns, row, c) and first_queens(columns, row + 1):
            return True
    return False


def flood(grid, i, j):
    if i < 0 or j < 0 or i >= grid.shape[0] or j >= grid.shape[1] or grid[i, j] != 0:
        return 0
    grid[i, j] = 2
    return 1 + flood(grid, i + 1, j) + flood(grid, i - 1, j) + flood(grid, i, j + 1) + flood(grid, i, j - 1)


def largest_lake(grid):
    best = 0
    for i in range(grid.shape[0]):
        for j in range(grid.shape[1]):
            best = max(best, flood(grid, i, j))
    return best


def is_even(n):
    return True if n == 0 else is_odd(n - 1)


def is_odd(n):
    return False if n == 0 else is_even(n - 1)


def count_even(m):
    count = 0
    for i in range(m):
        if is_even(i):
            count += 1
    return count


def wave(x):
    return np.exp(-x * x) * np.sin(30 * x)


def adapt(f, a, b, fa, fm, fb, whole, eps):
    m = (a + b) / 2
    flm, frm = f((a + m) / 2), f((m + b) / 2)
    left, right = (m - a) / 6 * (fa + 4 * flm + fm), (b - m) / 6 * (fm + 4 * frm + fb)
    d = left + right - whole
    if abs(d) <= 15 * eps:
        return left + right + d / 15
    return adapt(f, a, m, fa, flm, fm, left, eps / 2) + adapt(f, m, b, fm, frm, fb, right, eps / 2)


def quadrature(f, a, b, eps):
    fa, fm, fb = f(a), f((a + b) / 2), f(b)
    return adapt(f, a, b, fa, fm, fb, (b - a) / 6 * (fa + 4 * fm + fb), eps)


def permute(a, k, total):
    if k == len(a):
        total[0] += a[0] * a[-1]
        return
    for i in range(k, len(a)):
        a[k], a[i] = a[i], a[k]
        permute(a, k + 1, total)
        a[k], a[i] = a[i], a[k]


def extremes(a, lo, hi):
    if hi - lo == 1:
        return a[lo], a[lo]
    m = (lo + hi) // 2
    x, y = extremes(a, lo, m)
    u, v = extremes(a, m, hi)
    return min(x, u), max(y, v)


def hanoi(n, a, b, c, moves):
    if n == 0:
        return 0
    k = hanoi(n - 1, a, c, b, moves)
    moves[a, c] += 1
    return k + 1 + hanoi(n - 1, b, a, c, moves)


def fourier(x):
    n = len(x)
    if n == 1:
        return x
    even, odd = fourier(x[::2]), fourier(x[1::2])
    t = np.exp(-2j * np.pi * np.arange(n // 2) / n) * odd
    return np.concatenate((even + t, even - t))


def scaled(a, n, by=0.5, *, bias=1.0):
    """Defaults, keywords, and a number that is an int at first."""
    if n == 0:
        return bias
    return scaled(n=n - 1, a=a, bias=bias + a[n]) * by


def overlapping(a, b, n):
    """The arguments share memory in the calls, though they did not at first."""
    if n == 0:
        return 0.0
    for i in range(len(b)):
        b[i] = a[i] + 1
    return b[-1] + overlapping(b[:-1], b[1:], n - 1)


LIMIT = 7


def counted(n):
    return 0 if n >= LIMIT else 1 + counted(n + 1)


CASES: dict[str, tuple[Callable[..., Any], Callable[[], tuple[Any, ...]]]] = {
    "quicksort": (quicksort, lambda: (np.random.default_rng(0).random(200), 0, 199)),
    "merge sort": (merge_sort, lambda: (np.random.default_rng(1).random(101),)),
    "fib": (fib, lambda: (15,)),
    "fib in a loop": (sum_of_fibs, lambda: (14,)),
    "ackermann": (ackermann, lambda: (2, 9)),
    "queens": (queens, lambda: (np.zeros(6, int), 0, 6)),
    "a way back": (first_queens, lambda: (np.zeros(8, int), 0)),
    "flood": (largest_lake, lambda: ((np.random.default_rng(2).random((12, 9)) < 0.4).astype(int),)),
    "even and odd": (count_even, lambda: (40,)),
    "quadrature": (quadrature, lambda: (wave, 0.0, 3.0, 1e-6)),
    "permutations": (permute, lambda: (np.arange(5.0), 0, np.zeros(1))),
    "extremes": (extremes, lambda: (np.random.default_rng(3).random(50), 0, 50)),
    "hanoi": (hanoi, lambda: (6, 0, 1, 2, np.zeros((3, 3), int))),
    "fourier": (fourier, lambda: (np.random.default_rng(4).random(16) + 0j,)),
    "defaults": (scaled, lambda: (np.arange(6.0), 5)),
    "overlapping": (overlapping, lambda: (np.arange(6.0), np.zeros(6), 4)),
    "a global": (counted, lambda: (0,)),
}


@pytest.mark.parametrize("name", CASES)
def test_the_same_without_python(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    function, arguments = CASES[name]
    given = [arguments() for _ in range(3)]
    wanted = function(*given[0])
    kernel = numlift.jit(strict=True)(function)
    monkeypatch.setattr(sys.modules[__name__], function.__name__, kernel)
    for one in given[1:]:
        found = kernel(*one)
        assert type(found) is type(wanted)
        if wanted is not None:
            np.testing.assert_allclose(found, wanted, rtol=1e-13)
        for changed, expected in zip(one, given[0]):
            if isinstance(changed, np.ndarray):
                np.testing.assert_array_equal(changed, expected)


def down(a, n):
    if n == 0:
        return a[100]
    x = down(a, n - 1)
    return x + 1


def from_a_loop(a, n):
    t = 0.0
    for _ in range(2):
        t += down(a, n)
    return t


def caught(a, n):
    if n == 0:
        return a[100]
    try:
        return caught(a, n - 1) + 1.0
    except IndexError:
        a[n] += 1
        if n < 3:
            raise
        return 5.0


def endless(a, n):
    if n < 0:
        return 0
    a[0] += 1
    return endless(a, n + 1) + 1


def grown(n, v):
    """An int that gets too large on the way: Python goes on there."""
    if n == 0:
        return v
    return grown(n - 1, v * 3) + 1


def in_a_test(a, n):
    if n == 1:
        a[0] = 2
    elif n <= down(a, n):
        a[0] = 3
    return a


def between(a, n):
    t = (1 +
         caught_below(a[1:], n))  # fmt: skip
    return t


def caught_below(a, n):
    if n < 0:
        return a[n + 90]
    a[0] += 1
    return caught_below(a, n - 1) + between(a, -1)


def through_another(a, n):
    s = between(a[:-1], n)
    return s + 1


def by_turns(a, n):
    s = turn(a, n, 1.0)
    return s


def turn(a, n, s):
    if n <= 0 or n > 3:
        return s
    n = len(a)
    s = other_turn(a, n // 2, 0.25)


def other_turn(a, n, t):
    a[0] += t
    t = a[1] + turn(a, n // 2, 1.0)


def outcome(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    try:
        return ("gave", function(*arguments))
    except Exception as error:
        lines = []
        traceback = error.__traceback__
        while traceback is not None:
            lines.append((traceback.tb_frame.f_code.co_name, traceback.tb_lineno))
            traceback = traceback.tb_next
        # The first is this function. How Python says that a recursion is too deep depends on what was called last.
        said = "" if isinstance(error, RecursionError) else str(error)
        return (type(error), said, lines[1:])


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (down, lambda: (np.ones(5), 4)),
        (from_a_loop, lambda: (np.ones(5), 4)),
        (caught, lambda: (np.ones(9), 5)),
        (endless, lambda: (np.zeros(3), 0)),
        (in_a_test, lambda: (np.ones(5), 4)),
        (through_another, lambda: (np.ones(5), 4)),
        (grown, lambda: (10, 1)),
        (grown, lambda: (38, 5)),
    ],
)
def test_exceptions_and_exits(function: Any, arguments: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    given = [arguments() for _ in range(3)]
    wanted = outcome(function, given[0])
    kernel = numlift.jit(function)
    monkeypatch.setattr(sys.modules[__name__], function.__name__, kernel)
    for one in given[1:]:
        assert outcome(kernel, one) == wanted
        assert repr(one) == repr(given[0])
        assert [np.array_equal(a, b) for a, b in zip(one, given[0])] == [True] * len(one)
    assert kernel.specializations[0]["compiled"]


def test_a_call_that_is_seen_through_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    deep = np.ones(5)
    wanted = outcome(by_turns, (deep, 2))
    kernel = numlift.jit(by_turns)
    monkeypatch.setattr(sys.modules[__name__], "by_turns", kernel)
    for _ in range(2):
        found = np.ones(5)
        assert outcome(kernel, (found, 2))[0] is wanted[0] is RecursionError
        # The call itself is not asked whether it is one too many; the next one in machine code is.
        assert abs(found[0] - deep[0]) <= 0.25


def test_a_read_only_array_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = numlift.jit(quicksort)
    monkeypatch.setattr(sys.modules[__name__], "quicksort", kernel)
    a = np.array([3.0, 1.0, 2.0])
    a.flags.writeable = False
    with pytest.warns(numlift.NumliftWarning), pytest.raises(ValueError, match="read-only"):
        kernel(a, 0, 2)


def test_versions_are_called_directly() -> None:
    _, _, text = _native.jit_stages(numlift.jit(sum_of_fibs), [5])
    assert 'define internal i32 @"numlift_sum_of_fibs.0"' in text
    assert "@nl_island" not in text.split("declare")[0]


def place_queens(board, row, n):
    if row == n:
        return 1
    total = 0
    for c in range(n):
        if is_safe(board, row, c):
            board[row] = c
            total += place_queens(board, row + 1, n)
    return total


def subsets(numbers, i, chosen, left):
    if left == 0:
        return 1
    if i == len(numbers):
        return 0
    chosen.append(numbers[i])
    n = subsets(numbers, i + 1, chosen, left - numbers[i])
    chosen.pop()
    return n + subsets(numbers, i + 1, chosen, left)


def grown_list(out, n):
    """What is appended is of another type than what was there; the length is another behind the call."""
    if n == 0:
        return 0
    out.append(n * 0.5)
    k = len(out)
    return grown_list(out, n - 1) + len(out) - k


def sift(a, n, i):
    largest = i
    for child in (2 * i + 1, 2 * i + 2):
        if child < n and a[child] > a[largest]:
            largest = child
    if largest != i:
        a[i], a[largest] = a[largest], a[i]
        sift(a, n, largest)


def heap_sort(a):
    n = len(a)
    for i in range(n // 2 - 1, -1, -1):
        sift(a, n, i)
    for i in range(n - 1, 0, -1):
        a[0], a[i] = a[i], a[0]
        sift(a, i, 0)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (place_queens, lambda: ([0] * 6, 0, 6)),
        (subsets, lambda: ([3, 5, 7, 1, 2, 9], 0, [], 12)),
        (grown_list, lambda: ([], 8)),
        (grown_list, lambda: ([1, 2], 8)),
        (heap_sort, lambda: ([(i * 7919) % 101 / 3 for i in range(60)],)),
        (heap_sort, lambda: ([*range(30), 2.5],)),
    ],
)
def test_lists(function: Any, arguments: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    given = [arguments() for _ in range(3)]
    wanted = function(*given[0])
    kernel = numlift.jit(function)
    monkeypatch.setattr(sys.modules[__name__], function.__name__, kernel)
    for one in given[1:]:
        assert repr(kernel(*one)) == repr(wanted)
        assert repr(one) == repr(given[0])
    assert kernel.specializations[0]["compiled"]


@pytest.mark.parametrize("function", [down, caught])
def test_exceptions_hold_no_arguments(function: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = numlift.jit(function)
    monkeypatch.setattr(sys.modules[__name__], function.__name__, kernel)
    a = np.ones(9)
    kept = sys.getrefcount(a)
    for _ in range(3):
        outcome(kernel, (a, 5))
    assert sys.getrefcount(a) == kept


def gives_numbers_or_objects(n, t):
    if n <= 0:
        return 0
    k = gives_numbers_or_objects(n // 2, t)
    m = np.ones((3, 4)) * t
    for s in m[0]:
        m[1, k] = 2
        return s
    n -= k
    j = (n ^ n) ** 0
    return j + k


def test_a_result_that_may_be_a_number_beside_objects() -> None:
    kernel = _native.jit(gives_numbers_or_objects, {"always": True})
    for n in (0, 1, 2, 4):
        assert outcome(kernel, (n, 1.5)) == outcome(gives_numbers_or_objects, (n, 1.5))
    assert all(one["compiled"] for one in kernel.specializations)
