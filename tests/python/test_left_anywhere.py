"""Functions that are left at each place at which compiled code may be left: Python goes on as if nothing were."""

import heapq
import sys
from functools import partial
from pathlib import Path

import numlift
import numpy as np
import pytest
from numlift import _engine, _native

sys.path.insert(0, str(Path(__file__).parents[1] / "generator"))

import leaving
import outcomes
import quick


def mask_under_else(x, t, k):
    # The frame in front of the mask is that of the `if`: nothing has happened since.
    if k != abs(k):
        k = 1
    else:
        np.maximum(x, 0.5, out=x, where=x < t)
        k += 1
    return k, x


def mask_under_elif(x, t, k):
    if k < 0:
        k = 1
    elif np.any(x[x < t] > k):
        x[x > t] = k
    else:
        k = x[x > t].sum()
    return k, x


def mask_in_loops(x, t, k):
    for i in range(k):
        if i > 0:
            k = k + 1
            y = x[x < t + i]
        else:
            y = x[x > t]
    while k > 3:
        k -= 1
        y = y[y < k]
    return k, y


def mask_in_match_and_try(x, t, k):
    match k:
        case 1 | 2:
            y = x[x > t]
        case _:
            try:
                y = x[x < t] * k
            except ValueError:
                y = x
    return y


def store_before_memory(x, t, k):
    # There may be no memory in the `try`: what was stored in front of it is not stored again.
    x[0] *= t + 1.0
    try:
        y = x[np.array([0, 1, 3]) % 4] * 2.0
        z = np.sqrt(np.abs(y)) + np.cumsum(y)
        k += 1
    except ValueError:
        z = x
    return z, x, k


def rows_in_a_list(x, t, k):
    rows = [x, x + 1.0]
    m = np.ones((3, 4)) * t
    for row in m:
        if len(rows) < 4:
            rows.append(row[1:])
    return rows


def difference_of_another_type(x, t, k):
    # What the difference is, is known when it is there: it is not computed again.
    s = 0.5
    for _ in range(2):
        y = np.ones(len(x)) * s
        s = x[1]
    s -= t if k <= y[0] else s
    return s


def pushed_by_pass(x, t, k):
    # What a pass has pushed is a part of no statement behind it.
    heap, numbers = [(0.5, 1), (t, 2)], [4, 5]
    for _, k in enumerate([t, 5.0]):
        k = numbers.pop()
        heapq.heappush(heap, ((t**2), (k - k)))
    return heap, k


def memory_in_a_loop_that_stores(x, t, k):
    # The extent of what the sum needs is no negative one wherever the loop goes round.
    for _ in range(len(x) - 1):
        x[1:-1] = x[2:] + x[:-2]
    x = np.add(x, t, out=x)
    return x, k


def asked_for_in_a_loop_that_stores(x, t, k):
    # NumPy refuses a negative extent, behind what was stored.
    y = np.zeros((1, 2))
    for i in range(2):
        x[i] += t
        y = np.ndarray((k, 2))
    return y.shape, x


def moved(x, s):
    x[:] = x + s
    return x[0]


def target_read_before_a_call_changes_it(x, t, k):
    x[k % 4] *= moved(x[1:], t)
    return x


def targets_of_every_kind(x, t, k):
    m = np.ones((3, 4)) * t
    x[0] += moved(x, t)
    x[k % 3] -= moved(x[:2], t) * moved(x[1:], t)
    x[1:] *= moved(x, t)
    m[k % 3, 1] += moved(m[:, 1], t)
    m[k % 2] *= moved(m[0], t)
    return x, m


def target_in_a_dict(x, t, k):
    d = {"x": 1.0, "n": k}
    d["x"] += moved(x, t)
    d["n"] += 1
    return d["x"], d["n"], x


def memory_behind_a_store(x, t, k):
    # What is named is computed before the store: what asks for memory behind it needs a frame of its own.
    a = np.arange(4) * t
    b = x + 1.0
    b[0] = 3.0
    d = b * 2.0
    x += t
    x[0] = d.sum()
    b[1] = 2.0
    c = np.sqrt(np.abs(a))
    try:
        x[k] = t
    except IndexError:
        t = 2.0
    return a, b, c, d, x, t


def views_behind_a_store(x, t, k):
    # A view needs no memory, one that NumPy makes read-only is a call.
    m = np.outer(x, x)
    for s in x[::-1]:
        x = np.add(x, t, out=x)
        v = np.broadcast_to(x[0], x.shape)
        m[0][:2] = np.sum(m[:, 0] * s)
        print(t)
        w = np.diagonal(m)
        try:
            m[k, 1] += np.linalg.norm(m[:, 1])
        except IndexError:
            m[0][0] += np.sum(w[1:] * t)
    return m, v, w, x


def deleted_inside(x, t, k):
    # What a statement that runs in Python deletes is not there where Python goes on.
    v = x[x > t]
    try:
        print(t)
    finally:
        del v
    try:
        x[[0, -1]] = x[[1, 2]]
        x[k] += t
    except IndexError:
        t = 2.0
    return x, t


def output_of_a_name_that_may_be_unbound(x, t, k):
    # NumPy's `add` is a step of what stands there: where it is left, the output is still to be stored to.
    s = next((e for e in x if abs(e) > t), t)
    np.add(x, s, out=x)
    try:
        k = np.argmin(np.abs(x - s))
    except ZeroDivisionError:
        s = x @ x
    return s, k, x


FUNCTIONS = [
    deleted_inside,
    output_of_a_name_that_may_be_unbound,
    memory_behind_a_store,
    views_behind_a_store,
    target_read_before_a_call_changes_it,
    targets_of_every_kind,
    target_in_a_dict,
    memory_in_a_loop_that_stores,
    asked_for_in_a_loop_that_stores,
    difference_of_another_type,
    pushed_by_pass,
    mask_under_else,
    mask_under_elif,
    mask_in_loops,
    mask_in_match_and_try,
    store_before_memory,
    rows_in_a_list,
]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("k", [3, 1, -2])
@pytest.mark.parametrize("dtype", [float, complex])
def test_left_at_each_place(function, k, dtype, monkeypatch):
    monkeypatch.setattr(_engine, "compile", lambda text: quick.compile(leaving.asking(text)))
    kernel = _native.jit(function, {"always": True})
    arguments = partial(lambda: [np.array([1.5, -2.0, 0.25, 3.0], dtype), 1.0, k])
    expected = outcomes.ended(function, arguments())
    assert list(leaving.differences(kernel, expected, arguments, 0)) == []
    assert kernel.specializations[0]["compiled"] and numlift


def memory_in_a_try_in_a_loop(x, y, m):
    i, k = 1, 3
    for s in m[0]:  # noqa: B007
        try:
            x = np.take(m, y % 3, axis=1)[0]
            y[0] += k - i
        except ZeroDivisionError:
            x = m[y % 3].ravel()[:6]
    return x


def test_what_a_pass_has_stored_is_not_stored_again_where_the_next_has_no_memory(monkeypatch):
    monkeypatch.setattr(_engine, "compile", lambda text: quick.compile(leaving.asking(text)))
    kernel = _native.jit(memory_in_a_try_in_a_loop, {"always": True})

    def arguments():
        return [np.ones(6), np.array([4, -3, 5, -3, 2, 1]), np.arange(24.0).reshape(6, 4)]

    expected = outcomes.ended(memory_in_a_try_in_a_loop, arguments())
    assert list(leaving.differences(kernel, expected, arguments, 0)) == []
    assert kernel.specializations[0]["compiled"]
