"""Arrays that do not lie in C order: the same bits as NumPy's, and results that lie as NumPy's do."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numlift
import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def column_sums(x):
    return (x + 1.0).sum(axis=0), (x * 2.0).sum(axis=1), (x * x).mean(), np.sum(x * 0.3)


def spreads(x):
    return (x * 0.1).var(axis=0), x.std(), x.mean(axis=1), x.sum()


def moved(x):
    return x.T, x.T + 1.0, x.ravel(), x.reshape(-1), np.cumsum(x, axis=0), x[::2], x[1:3] * 2.0, x[[1, 0]]


def joined(x):
    return np.concatenate((x, x)), x.copy(), np.array(x), x.flatten(), np.where(x > 0.0, x, -x), np.zeros_like(x)


def products(x):
    return np.prod(x + 0.2), np.prod(x, axis=0), x @ x.T, (x + 0.1) @ (x.T * 0.3)


def loops(x):
    made = np.empty(x.shape)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            made[i, j] = x[i, j] * 2.0 + x[i - 1, j - 1]
    return made


def two(x, y):
    z = x * y + 0.1
    return z, z.sum(axis=0), z.sum(axis=-1), z.sum(), z.mean(axis=0)


def of_pair(pair):
    x, y = pair
    return two(x, y)


def three(x):
    y = x * 0.7
    return y, y.sum(axis=0), y.sum(axis=1), y.sum(axis=2), y.sum(), y.mean(axis=(0, 1)), y.sum(axis=(1, 2))


def of_three(x):
    return x.sum(axis=0), x.sum(axis=1), x.sum(axis=(0, 2)), x.transpose(1, 2, 0) * 2.0, x.swapaxes(0, 1).sum(axis=0)


def stored(x):
    x[1:-1, 1:-1] = 0.2 * (x[1:-1, 1:-1] + x[:-2, 1:-1] + x[2:, 1:-1])
    x[0] += 1.0
    x[:, 1] *= 3.0
    for i in range(x.shape[0]):
        x[i, 0] = x[i - 1, 2] + 1.0
    return x


def planes(rng: np.random.Generator) -> Iterator[np.ndarray[Any, Any]]:
    """Matrices of one shape in many layouts."""
    x = rng.normal(size=(40, 50))
    large, columns = rng.normal(size=(80, 100)), np.asfortranarray(rng.normal(size=(80, 100)))
    yield from (x, np.asfortranarray(x), rng.normal(size=(50, 40)).T, x[::-1], np.asfortranarray(x)[::-1, ::-1])
    yield from (large[::2, ::2], large[:40, :50], columns[::2, ::2], columns[:40, :50])


def boxes(rng: np.random.Generator) -> Iterator[np.ndarray[Any, Any]]:
    """Arrays of three axes, in each order of these."""
    x = rng.normal(size=(7, 9, 11))
    for order in itertools.permutations(range(3)):
        back = np.argsort(order)
        turned = np.ascontiguousarray(x.transpose(order))
        yield turned.transpose(back)
        yield turned.repeat(2, axis=2)[:, :, ::2].transpose(back)


def check(function: Callable[..., Any], *args: Any) -> None:
    expected, found = function(*args), numlift.jit(function)(*args)
    pairs = zip(expected, found, strict=True) if isinstance(expected, tuple) else [(expected, found)]
    for place, (one, other) in enumerate(pairs):
        assert np.array_equal(one, other), (place, np.max(np.abs(one - other)))
        assert np.shape(one) == np.shape(other)
        if isinstance(one, np.ndarray):
            assert one.strides == other.strides, place


@pytest.mark.parametrize("function", [column_sums, spreads, moved, joined, products, loops])
def test_of_one_matrix(function):
    for x in planes(np.random.default_rng(1)):
        check(function, x)


def test_where_two_disagree():
    rng = np.random.default_rng(2)
    for x, y in itertools.product(list(planes(rng))[:8:2], list(planes(rng))[1::2]):
        check(two, x, y)
    check(of_pair, (np.asfortranarray(x), y))
    check(of_pair, (np.asfortranarray(x), np.asfortranarray(y)))


@pytest.mark.parametrize("function", [three, of_three])
def test_of_three_axes(function):
    for x in boxes(np.random.default_rng(3)):
        check(function, x)


def test_what_is_stored():
    for x in planes(np.random.default_rng(4)):
        expected, found = np.copy(x, order="K"), np.copy(x, order="K")
        stored(expected)
        assert numlift.jit(stored)(found) is found
        assert np.array_equal(expected, found)


def carried(x, n):
    for _ in range(n):
        x = x * 0.5 + 1.0
    return x, x.sum(axis=0), (x * 0.1).sum(axis=1)


def carried_by_while(x, n):
    y = x + 1.0
    while n > 0:
        y, x = y * 0.9, x + y
        n -= 1
    return x, y, (x * y).sum(axis=0)


def mixed(x, n):
    for i in range(n):
        y = x * 2.0 if i % 2 else (x + 1.0).T.copy().T
        x = x.T.copy().T if i == 2 else y
    return x, (x * 0.1).sum(axis=0), (x * 0.1).mean()


def turning(x, n):
    for _ in range(n):
        x = x.T
    return x, (x * 0.1).sum(axis=0), x * 1.5


def solved(x, n):
    a = x @ x.T
    for _ in range(n):
        a = a @ a * 0.01
        a = a / np.sum(a * 1.1)
    b = np.linalg.inv(a + np.eye(a.shape[0]))
    return a, (b * 0.3).sum(axis=0), (np.sort(x, axis=0) * 0.1).sum(axis=0)


def mixed_before(x, n):
    y = x + 1.0
    if n > 2:
        y = y.copy()
    s = 0.0
    for _ in range(2):
        s = (y + y).sum()
        y = y + 1.0
    while s < 1e9:
        s = s * 1e3 + (y + y).sum()
    return s, y, (y + y).sum()


@pytest.mark.parametrize("function", [carried, carried_by_while, mixed, mixed_before, turning, solved])
def test_what_loops_carry(function):
    for x in list(planes(np.random.default_rng(6)))[::3]:
        check(function, x, 0)
        check(function, x, 5)


def doubled_under_a_condition(x, n):
    if n > 3:
        x = x * 2.0
    y = x * 0.5 + x
    return y.sum(), y


def test_what_branches_give():
    for x in list(planes(np.random.default_rng(8)))[::3]:
        check(doubled_under_a_condition, x, 0)
        check(doubled_under_a_condition, x, 5)


def test_what_is_broadcast():
    row = np.random.default_rng(7).normal(size=6)
    check(joined, np.broadcast_to(row, (5, 6)))
    check(joined, np.broadcast_to(row[:, None], (6, 5)))


def test_a_view_of_an_argument_is_one_of_its_memory():
    @numlift.jit
    def view(x):
        return x.T[1:, ::2]

    x = np.asfortranarray(np.arange(12.0).reshape(3, 4))
    found = view(x)
    assert np.shares_memory(found, x)
    assert found.strides == x.T[1:, ::2].strides
    found[0, 0] = 7.0
    assert x[0, 1] == 7.0


def test_columns_are_gone_through_as_they_lie():
    @numlift.jit(strict=True)
    def smooth(x, y):
        for i in range(1, x.shape[0] - 1):
            for j in range(1, x.shape[1] - 1):
                y[i, j] = 0.25 * (x[i - 1, j] + x[i + 1, j] + x[i, j - 1] + x[i, j + 1])

    x, y = np.asfortranarray(np.random.default_rng(5).normal(size=(30, 20))), np.zeros((30, 20), order="F")
    smooth(x, y)
    expected = 0.25 * (x[:-2, 1:-1] + x[2:, 1:-1] + x[1:-1, :-2] + x[1:-1, 2:])
    assert np.array_equal(y[1:-1, 1:-1], expected)
    text = smooth.explain()
    assert "contiguous columns" in text
    assert "8 numbers at a time" in text or "4 numbers at a time" in text
