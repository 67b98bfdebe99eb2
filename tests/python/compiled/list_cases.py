"""Functions that work on lists, each with the arguments that it is called with."""

from __future__ import annotations

import numpy as np
from cases import case, ten

floats = [0.5, 1.5, -2.0]


@case((floats,), ([],), ([1, 2, 3],), ([1, 2.5, True],), ([1.0, 2.0, 3],), ([2**70, 1],), ([1.0, 2**70, 1.0],))
def sum_by_hand(items):
    s = 0.0
    for v in items:
        s += v
    return s


@case(([1.0, "a", 2.0],), ([1.0, None],), ([1.0, 2.0, "a", 3.0],), in_python=True)
def sum_of_anything(items):
    s = 0.0
    for v in items:
        s += v
    return s


@case(([1.0] * 18 + ["a"] + [1.0] * 20,), ([1.0] * 18 + [None] + [1.0] * 20,))
def ends_inside(items):
    s = 0.0
    for v in items:
        s += v
    return s


@case((ten,), (ten[:0],), (floats,), ([],), (np.arange(5, dtype=np.int8),), (np.array([1 + 2j, 3.0]),))
def squares(x):
    out = []
    for i in range(len(x)):
        out.append(x[i] * x[i])
    return out


@case((ten,), (np.arange(4, dtype=np.float32),), (np.array([True, False]),))
def grown_array(x):
    out = []
    for i in range(len(x)):
        out.append(x[i])
    return np.array(out)


@case(([[1.0, 2.0], [3.0, 4.0]], [[1.0, 2.0, 3.0], [3.0, 4.0, 5.0]]), ([[1.0, 2.0]], [[1.0]]), ([[1.0]], [[1]]))
def matmul(a, b):
    n, m, p = len(a), len(b[0]), len(b)
    c = [[0.0] * m for _ in range(n)]
    for i in range(n):
        for j in range(m):
            for k in range(p):
                c[i][j] += a[i][k] * b[k][j]
    return c


@case(([[1.0, 2.0], [3.0, 4.0]],), ([[1, 2], [3, 4]],))
def ints_that_become_floats(a):
    c = [[0 for j in range(2)] for i in range(2)]
    for i in range(2):
        for j in range(2):
            for k in range(2):
                c[i][j] += a[i][k] * a[k][j]
    return c


@case(([1.0, 2.0],), ([1.0],), ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0],))
def grows_while_iterated(x):
    n = 0
    for v in x:
        n += 1
        if n < 5:
            x.append(v + 1.0)
    return n, x


@case(([1.0, 2.0, 3.0, 4.0],), ([1.0],))
def shrinks_while_iterated(x):
    seen = []
    for v in x:
        seen.append(v)
        x.pop()
    return seen, x


@case(([1.0, 2.0, 3.0], [4.0, 5.0]), ([1.0, 2], [3.0, 4.0, 5.0]), ([], []))
def in_step(x, y):
    s = 0.0
    for i, v in enumerate(x):
        s += i * v
    for a, b in zip(x, y):
        s += a * b
    for v in reversed(x):
        s = s * 0.5 + v
    for i, (a, b) in enumerate(zip(y, x), 3):
        s -= i * a + b
    return s


@case((20,), (1,))
def stack(n):
    waiting = [n]
    count = 0
    while waiting:
        v = waiting.pop()
        count += v
        if v > 1:
            waiting.append(v // 2)
            waiting.append(v - 1 - v // 2)
    return count


@case(([1, 2, 3], 40), ([1, 2, 3], 400), ([1.5, 2.5], 10), ([], 3), ([], 0))
def changes_its_argument(x, n):
    for i in range(n):
        x[i % len(x)] = x[i % len(x)] * 2 + 1
    return x[-1]


@case(([1.0, 2.0], 3), ([1.0, 2.0], -3), ([1.0, 2.0], -2))
def one_element(x, i):
    s = 0.0
    for _ in range(2):
        s += x[i]
    return s


@case(([np.arange(4.0), np.arange(3.0)],), ([np.arange(4.0)] * 8 + [np.arange(3)] + [np.arange(4.0)] * 9,))
def rows_of_arrays(rows):
    s = 0.0
    for r in rows:
        for j in range(len(r)):
            s += r[j]
    rows[0][0] = 9.0
    return s


def read_only():
    x = np.arange(3.0)
    x.flags.writeable = False
    return x


@case(([np.arange(3.0), read_only()],), ([read_only()],))
def stores_into_rows(rows):
    for r in rows:
        for j in range(len(r)):
            r[j] = j + 1.0
    return len(rows)


@case((np.arange(6.0), 3))
def the_same_array_twice(x, n):
    rows = [x for _ in range(n)]
    for i in range(n):
        for j in range(len(x)):
            rows[i][j] += 1.0
    return x


@case((3,))
def the_same_row_twice(n):
    row = [0.0] * n
    table = [row] * 2
    for j in range(n):
        table[0][j] += j
    table.append(row)
    row[0] = 5.0
    return table, table[1] is row


@case(([(1.0, 2.0), (3.0, 4.0)],), ([(1.0, 2.0)] * 8 + [(3, 4.0)] + [(1.0, 2.0)] * 9,))
def pairs(points):
    s = 0.0
    for x, y in points:
        s += x * y
    return s


@case((7,), (0,))
def comprehensions(n):
    return (
        [k * 0.5 for k in range(n) if k % 3],
        [[i * j for j in range(3)] for i in range(n)],
        sum([k + 1 for k in range(n)]),
    )


@case(([3.0, 1.0, 2.0, 5.0],), ([3, 1, 2],))
def parts(x):
    y = x[1:3]
    y.append(x[0])
    z = y + x
    t = 0.0
    for i in range(len(z)):
        t += z[i]
    z[1] = 7.0
    z.insert(0, 4.0)
    z.extend(y)
    return y, z, max(x), min(z), t, len(z), sum(z)


@case(([1.0, 2.0],))
def in_a_list_of_its_own(x):
    x.append(x[0])
    keep = []
    for i in range(3):
        keep.append(x)
        x.append(float(i))
    return len(keep), keep[0] is x, keep


@case((4,), (0,))
def not_bound_behind(n):
    for i in range(n):
        out = []
        for j in range(i):
            out.append(j * 2)
    return out, i


@case(([True, False, True],), ([np.float32(1.5), np.float32(2.0)],), ([np.int8(100), np.int8(100)],), ([1j, 2.0 + 0j],))
def other_numbers(x):
    s = x[0]
    out = []
    for v in x:
        s = s + v
        out.append(v)
        out.append(s)
    return s, out


@case((floats, 2), (floats, 7), ([], 1))
def raises_behind_effects(x, n):
    out = []
    for i in range(n):
        out.append(i)
        x[i] = x[i] + 1.0
    return out


@case(([1.0, 2.0], [1.0, 2.0]))
def aliased(x, y):
    y = x
    for i in range(3):
        y.append(x[i] + 1.0)
    return x, y, x is y


@case((["a", "b"], [1.0, 2.0]), ([None, None], [1.0, 2.0]))
def objects_beside(names, x):
    s = 0.0
    kept = []
    for i in range(len(x)):
        s += x[i]
        kept.append(names[i])
    return s, kept


@case((5,))
def truth(n):
    out = []
    count = 0
    for i in range(n):
        if out:
            count += 1
        if not out or i > 2:
            out.append(i)
    return count, out


@case(([5.0, 1.0, 4.0, 2.0],), ([3, 1, 2],), ([],))
def insertion_sort(x):
    for i in range(1, len(x)):
        key = x[i]
        j = i - 1
        while j >= 0 and x[j] > key:
            x[j + 1] = x[j]
            j -= 1
        x[j + 1] = key
    return x


@case((30,))
def sieve(n):
    is_prime = [True] * (n + 1)
    is_prime[0] = is_prime[1] = False
    i = 2
    while i * i <= n:
        if is_prime[i]:
            for j in range(i * i, n + 1, i):
                is_prime[j] = False
        i += 1
    return [i for i in range(n + 1) if is_prime[i]]


@case(([1.0, 2.0, 3.0],))
def shortened(x):
    s = 0.0
    while len(x) > 1:
        s += x.pop()
        x.append(s)
        x.pop()
    return s, x


@case((0,), (1,), (2,))
def pairs_taken_out(n):
    pairs = [(0.5, 1), (1.5, 2)]
    del pairs[0]
    try:
        del pairs[n]
    except IndexError:
        n += 10
    return pairs, n
