"""Lists that only compiled code sees: what they give, raise and leave behind is CPython's, and no memory stays."""

import gc
import heapq
import math
import resource
import traceback
from collections import deque

import numlift
import numpy as np
import pytest
from numlift import _native


def compiled(function):
    return _native.jit(function, {"always": True})


def outcome(function, *args):
    try:
        return "returned", typed(function(*args))
    except Exception as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__)]
        return type(error), str(error), lines[-1]


def typed(value):
    """A value with its types and, of lists, which are the same."""
    seen = {}

    def of(value):
        if isinstance(value, np.ndarray):
            return "array", value.dtype.str, value.shape, value.tobytes()
        if isinstance(value, list | deque):
            if id(value) in seen:
                return "again", seen[id(value)]
            seen[id(value)] = len(seen)
        if isinstance(value, list | tuple | deque):
            return type(value).__name__, [of(item) for item in value]
        return type(value).__name__, repr(value)

    return of(value)


def sieve(n):
    is_prime = [True] * (n + 1)
    found = []
    for i in range(2, n + 1):
        if is_prime[i]:
            found.append(i)
            for j in range(i * i, n + 1, i):
                is_prime[j] = False
    return found, is_prime


def table(n):
    best = [[0] * (n + 1) for _ in range(n + 1)]
    for i in range(1, n + 1):
        for j in range(1, n + 1):
            best[i][j] = max(best[i - 1][j], best[i][j - 1]) + i * j % 7
    return best[n][n], best[-1]


def rows(n):
    before, row = [0.0] * n, [1.5] * n
    for i in range(n):
        before, row = row, [before[j] + row[j - 1] * i for j in range(n)]
    return before, row


def stack(n):
    waiting, total = [(0, 1)], 0
    while waiting:
        depth, v = waiting.pop()
        total += v
        if depth < n % 12:
            waiting.append((depth + 1, v * 2))
            waiting.append((depth + 1, v + 1))
    return total


def queue(n):
    waiting, order = [1], []
    while waiting and len(order) < n:
        v = waiting.pop(0)
        order.append(v)
        waiting.append(2 * v)
        waiting.append(2 * v + 1)
    return order


def slices(n):
    a = [i * 7919 % 101 for i in range(n)]
    b = a[:]
    b.sort()
    c = a[1:-1:3] + b[::-2]
    c[2:5] = [1, 2]
    c[:0] = a[:3]
    c += [7] * 2
    c.extend(b[-2:])
    c.reverse()
    del c[1]
    c.insert(-3, 99)
    c.insert(100, 98)
    return a, b, c, sum(c), max(c), min(c), 99 in c, c.index(99), c.count(7), sorted(a)


def backwards(n):
    a = [(i % 3, -i, i * 0.5) for i in range(n)]
    b = [0.0, -0.0, 1.5, -0.0]
    a.sort(reverse=True)
    b.sort(reverse=True)
    return a, b, max(a), min(b)


def shared(n):
    row = [0] * 3
    grid = [row] * 2 + [[1]]
    other = row
    for i in range(n):
        other[i % 3] += i
    grid.append(other)
    grid[2].append(n)
    return grid, row is other, grid[0] is row, row


def arrays(n):
    a, b, c = [], [], []
    for i in range(n):
        a.append(i)
        b.append(i * 0.5)
        c.append([i, -i])
    return np.array(a), np.array(b), np.array(c), np.array([i > 2 for i in a]), np.array([])


def ragged(n):
    rows = [[1.0] * (i + 1) for i in range(n)]
    return np.array(rows)


def overflow(n):
    powers = [1]
    for _ in range(n):
        powers.append(powers[-1] * 3)
        powers[0] += 1
    return powers


def out_of_range(n):
    a = [1, 2, 3]
    b = a
    b.append(n)
    return a[n]


def popped(n):
    a = [n]
    for _ in range(3):
        n += a.pop()
    return n


def deleted(n):
    a = [n]
    del a[3]
    return a


def missing(n):
    a = [n, 2]
    return a.index(77)


def removed(n):
    a = [n, 2]
    a.remove(n)
    a.remove(n)
    return a


def largest(n):
    a = [n]
    a.clear()
    return max(a)


def nans(n):
    a = [float("nan"), 1.0, 0.5]
    a.sort()
    return a, min(a), 1.0 in a


def mixed(n):
    a = [0] * 4
    a[1] = 0.5
    a[2] = True
    return a, sum(a)


def swaps(n):
    a = [i * 7919 % 31 for i in range(n)]
    for i in range(1, n):
        j = i
        while j > 0 and a[j - 1] > a[j]:
            a[j - 1], a[j] = a[j], a[j - 1]
            j -= 1
    return a


def in_tuples(n):
    found = ([], [n])
    found[0].append(1)
    a, b = found
    a.append(2.5)
    return found, a, b


def chosen(n):
    a, b = [1], [2]
    c = a if n > 3 else b
    for i in range(n):
        c.append(i)
        c = b if c is a else a
    return a, b, c


def in_list(n):
    a = [1, 2]
    a.append(n)
    a[0] = 17
    return n in a, 1 in a


def nearest(n):
    far = [math.inf] * (n * n + 1)
    far[0] = 0.0
    waiting = [(0.0, 0)]
    while waiting:
        d, v = heapq.heappop(waiting)
        if d > far[v]:
            continue
        for w in (v + 1, v + n, v // 2):
            if w < n * n and d + (w * 7 % 11) * 0.1 < far[w]:
                far[w] = d + (w * 7 % 11) * 0.1
                heapq.heappush(waiting, (far[w], w))
    return far


def heaps(n):
    heap = [i * 7919 % 103 for i in range(n)]
    heapq.heapify(heap)
    first = heap[:]
    one, two, out = heapq.heappushpop(heap, 50), heapq.heapreplace(heap, 7), []
    while len(heap) > n // 2:
        out.append(heapq.heappop(heap))
    return first, one, two, out, heap


def heap_of_nans(n):
    heap = [(math.nan, 1), (0.5, 2), (math.nan, 0)]
    heapq.heapify(heap)
    heapq.heappush(heap, (0.1, n))
    return heapq.heappop(heap)[1]


def breadth_first(n):
    far, waiting = [-1] * (3 * n + 2), deque([1])
    far[1] = 0
    while waiting:
        v = waiting.popleft()
        for w in (2 * v, 2 * v + 1, v - 1):
            if 0 < w < 3 * n + 2 and far[w] < 0:
                far[w] = far[v] + 1
                waiting.append(w)
    return far


def both_ends(n):
    q = deque()
    for i in range(n):
        q.append(i)
        q.appendleft(-i)
        if i % 3 == 0:
            q.pop()
        if i % 5 == 4:
            q.popleft()
    return q, list(q), len(q), sum(q), sorted(q), 3 in q


def empty_queue(n):
    q = deque([n])
    return q.popleft(), q.popleft()


def slice_of_a_queue(n):
    q = deque([n, 2])
    return q[0:1]


def queue_that_is_shown(n):
    q = deque([n, 2])
    return repr(q), isinstance(q, list), type(q).__name__


def queue_that_is_changed(n):
    q = deque([n, 2])
    for v in q:
        q.append(v)
    return q


EVERY = [
    nearest,
    heaps,
    heap_of_nans,
    breadth_first,
    both_ends,
    empty_queue,
    slice_of_a_queue,
    queue_that_is_shown,
    queue_that_is_changed,
    sieve,
    table,
    rows,
    stack,
    queue,
    slices,
    backwards,
    shared,
    arrays,
    ragged,
    overflow,
    out_of_range,
    popped,
    deleted,
    missing,
    removed,
    largest,
    nans,
    mixed,
    swaps,
    in_tuples,
    chosen,
    in_list,
]


@pytest.mark.parametrize("function", EVERY)
def test_as_python_does_it(function):
    kernel = compiled(function)
    for n in (0, 1, 2, 5, 50):
        assert outcome(kernel, n) == outcome(function, n)


@pytest.mark.parametrize("function", [sieve, table, rows, stack, queue, swaps, nearest, breadth_first])
def test_they_are_machine_code(function):
    assert "buffer<" in _native.jit_stages(compiled(function), [9])[1]
    kernel = numlift.jit(strict=True)(function)
    assert typed(kernel(9)) == typed(function(9))


@pytest.mark.parametrize("function", [table, shared, slices, overflow, out_of_range, arrays, ragged, in_tuples])
def test_nothing_stays(function):
    kernel = compiled(function)
    for _ in range(200):
        outcome(kernel, 30)
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(1500):
        outcome(kernel, 30)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 3000


def too_large(n):
    a = [0.5]
    return len(a * n)


def test_memory_that_is_not_there():
    for n in (2**61, 2**62 + 5):
        assert outcome(compiled(too_large), n)[0] is MemoryError


def of_a_call_of_itself(n):
    a = [n, 2 * n]
    if n <= 0:
        return a
    b = of_a_call_of_itself(n - 1)
    a.append(len(b))
    return a


def test_lists_that_calls_of_the_function_itself_return():
    kernel = compiled(of_a_call_of_itself)
    for n in (0, 1, 5):
        assert outcome(kernel, n) == outcome(of_a_call_of_itself, n)


def lists_that_may_hold_lists(n):
    p = [3, 1, 2]
    d = [n % 7, 5]
    q = [0.5, n, -1.0]
    g = [[1, 2], [], [n % 3]]
    row = g[0]
    v = deque([4, 5])
    if len(g) < 9:
        g.append([])
    return p is d, row is g[0], p, d, q, g, v, row


def a_list_in_itself(n):
    a = []
    for _ in range(n):
        a = [a]
        b = a
        b.append(a)
    return len(a), n


@pytest.mark.parametrize("function", [lists_that_may_hold_lists, a_list_in_itself])
def test_types_of_lists_in_lists_come_to_an_end(function):
    kernel = compiled(function)
    for n in (0, 1, 5):
        assert outcome(kernel, n) == outcome(function, n)


def stores_to_the_last(x, m):
    rows = [x, m[0]]
    rows[-1][:] = 5.0


def stores_to_all(x, m):
    for row in [x, m[0]]:
        row[0] = 5.0


def stores_to_a_row(x, m):
    rows = [row for row in m]  # noqa: C416
    rows[-1][0] = 5.0


def adds_to_what_was_appended(x, m):
    rows = []
    for i in range(2):
        rows.append(m[i])
    rows[1][0] += 5.0


def stores_to_views(x, m):
    views = [m.T, m.reshape(-1)[:3].reshape(1, 3)]
    views[0][0, 0] = 4.0
    views[1:][0][0, 0] += 4.0


def stores_to_part_of_a_tuple(x, m):
    pairs = [(x, 1), (m[0], 2)]
    for array, number in pairs:
        array[number] = number


@pytest.mark.parametrize(
    "function",
    [
        stores_to_the_last,
        stores_to_all,
        stores_to_a_row,
        adds_to_what_was_appended,
        stores_to_views,
        stores_to_part_of_a_tuple,
    ],
    ids=lambda function: function.__name__,
)
def test_arrays_that_may_not_be_written_in_lists(function):
    kernel = _native.jit(function, {"always": True})

    def ended(called, writeable):
        x, m = np.arange(3.0), np.arange(6.0).reshape(2, 3)
        x.flags.writeable, m.flags.writeable = writeable
        try:
            called(x, m)
        except ValueError as error:
            return str(error), x.tolist(), m.tolist()
        return x.tolist(), m.tolist()

    for writeable in [(True, True), (True, False), (False, True), (False, False)]:
        assert ended(kernel, writeable) == ended(function, writeable), writeable
