"""Slices whose bounds and steps come near the ends of 64 bits; iterators of lists that become shorter."""

import itertools
import linecache

import numpy as np
import pytest
from numlift import _native

END = 2**63 - 1
STEPS = ["n", "-n", "k", "2", str(END), str(-END - 1), str(1 << 40)]


def function(text):
    path = f"<far slice {text}>"
    source = f"def f(x, n, k):\n    y = {text}\n    return y.copy(), y.shape\n"
    linecache.cache[path] = (len(source), None, source.splitlines(True), path)
    names = {}
    exec(compile(source, path, "exec"), names)
    return names["f"]


def ending(call, *arguments):
    try:
        value, shape = call(*arguments)
    except Exception as error:
        return type(error).__name__, str(error)
    return value.tolist(), shape


@pytest.mark.parametrize("step", STEPS)
def test_slice(step):
    for low, high in itertools.product(["", "n", "-3", str(END)], ["", "n", "-n"]):
        python = function(f"x[{low}:{high}:{step}]")
        kernel = _native.jit(python, {"always": True})
        for n in (END, -END - 1, -END, 2**62, 7, 0, -2):
            assert ending(kernel, np.arange(6.0), n, 3) == ending(python, np.arange(6.0), n, 3), (low, high, n)


def far_checks(y, n):
    i = 1
    for i in range(n, n - 3, -1):
        for i in range(9223372036854775805, 9223372036854775807):
            y[i + 9223372036854775807] = n
    return y, (1,)


def test_a_check_beyond_64_bits():
    kernel = _native.jit(far_checks, {"always": True})
    for n in (END, 5, -END):
        assert ending(kernel, np.arange(5), n) == ending(far_checks, np.arange(5), n)


def popped(rows, m):
    k = 0
    for row in reversed(rows):
        row[-1] += 1.0
        for _ in m:
            k = k * 10 + len(rows)
            row = rows.pop()
    return np.array(k), (len(rows),)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_list_that_becomes_shorter_while_it_is_gone_through_backwards(count):
    kernel = _native.jit(popped, {"always": True})

    def arguments():
        return [np.ones(2), np.zeros(3), np.ones(2), np.ones(1)], np.ones(count)

    assert ending(kernel, *arguments()) == ending(popped, *arguments())


def far_element(x, y, m, n, t):
    i, j, k = 1, 2, 3
    s, u = 0.5, 1.0
    n = j
    if (i % 2) <= n:
        x[i * 4611686018427387904] += m[n >> 62, -1]
    elif m[0].sum() > (s + j):
        m[k % 5, i - 1] = u if (s - u) > s else t
    else:
        x[(i + j) % 6] += m[n // 1000000000000000000, -1]
    return x, m


@pytest.mark.parametrize("index", [1 << 62, (1 << 60) - 1, 1 << 60, (1 << 63) - 1, -(1 << 60), -(1 << 63), 1 << 48])
def test_an_element_whose_offset_has_no_64_bits(index, tmp_path):
    """LLVM ends the process over offsets of its own that leave 64 bits."""
    assert ending(
        _native.jit(far_element, {"always": True}), np.ones(6), np.arange(5), np.ones((6, 4)), 1, 0.5
    ) == ending(far_element, np.ones(6), np.arange(5), np.ones((6, 4)), 1, 0.5)
    text = f"def f(x, m):\n    s = m[0].sum() + m[1].sum()\n    x[{index}] += s\n    return x, s\n"
    file = tmp_path / "far.py"
    file.write_text(text)
    names = {}
    exec(compile(text, str(file), "exec"), names)
    kernel = _native.jit(names["f"], {"always": True})
    assert ending(kernel, np.ones(6), np.ones((2, 4))) == ending(names["f"], np.ones(6), np.ones((2, 4)))
