"""Views of arrays that were not computed yet share their memory where Python goes on and stores to either."""

import linecache
from itertools import count, product

import numpy as np
import pytest
from numlift import _native

BASES = ["m * 2.0", "np.where(m > 1.0, 2.0, m)", "m.T + 1.0", "(m + 0j)"]
VIEWS = [
    "b[:, 0]",
    "b[1]",
    "b[::-1]",
    "b.T",
    "b.reshape(-1)",
    "b.ravel()",
    "b.real",
    "np.asarray(b)",
    "np.ascontiguousarray(b)",
    "b.astype(b.dtype, copy=False)",
    "b[1:, 1:].T[0]",
    "np.diagonal(b)",
    "b[None]",
    "np.squeeze(b[:1])",
]
WAYS = {
    "a handler": """
    try:
        m[n, 0] = 5.0
    except IndexError:
        {store}
""",
    "finally": """
    try:
        if n < -3:
            return x
    finally:
        {store}
""",
    "raised": """
    try:
        if n > 2:
            raise ValueError(n)
    except ValueError:
        {store}
""",
    "a context": """
    with np.errstate(all="ignore"):
        m[0, 0] = m[1, 1] / (m[0, 0] - m[0, 0])
    if n == 50:
        {store}
""",
}
STORES = ["x[...] = 7.0", "b[...] = 8.0", "x += b[0, 0]", "b[0] = x.sum()"]
numbers = count()


def made(base, view, way, store):
    text = f"def f(m, n):\n    b = {base}\n    x = {view}{way.format(store=store)}    return x, b, m\n"
    name = f"<views {next(numbers)}>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    names = {"np": np}
    exec(compile(text, name, "exec"), names)
    return names["f"]


def ended(function, n):
    m = np.arange(12.0).reshape(3, 4)
    try:
        return repr(function(m, n)), m.tolist()
    except (IndexError, TypeError, ValueError) as error:
        return repr(error), m.tolist()


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("way", WAYS)
def test_a_store_to_either_is_seen_in_both(way, store):
    for base, view in product(BASES, VIEWS):
        function = made(base, view, WAYS[way], store)
        kernel = _native.jit(function, {"always": True})
        for n in (0, 50, -50):
            with np.errstate(all="ignore"):
                assert ended(kernel, n) == ended(function, n), (base, view, n)
