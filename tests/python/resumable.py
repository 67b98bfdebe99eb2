"""Programs that `test_resume.py` leaves at every statement and goes on with. One statement a line.

Each function is called with `log`, which shows its effects, and the arguments in its `CALLS`. A line with `# in flight`
is in a `finally` that may run while an exception or a result is on its way, which no frame can tell.
"""

import numpy as np


class Manager:
    """Logs what happens to it; swallows `KeyError`."""

    def __init__(self, log, name):
        self.log, self.name = log, name

    def __enter__(self):
        self.log.append(("enter", self.name))
        return self.name

    def __exit__(self, kind, value, traceback):
        self.log.append(("exit", self.name, kind and kind.__name__))
        return kind is KeyError


LIMIT = 3
total = 0


def nested_loops(log, n, m):
    s = 0
    for i in range(n):
        for j in range(m):
            s += i * j
            log.append((i, j, s))
        s -= 1
    return s


def leaves(log, xs, stop):
    found = None
    for i, x in enumerate(xs):
        if x == stop:
            found = i
            break
        elif x < 0:
            log.append("skip")
            continue
        else:
            log.append(x)
        y = x + 1
        log.append(y)
    else:
        log.append("none")
        found = -1
    log.append(found)
    return found


def whiles(log, n):
    k = 0
    while k < n:
        k += 1
        if k % 3 == 0:
            continue
        j = k
        while j:
            j -= 1
            if j == 4:
                break
            log.append((k, j))
        else:
            log.append("ran out")
        log.append(k)
    else:
        log.append("end")
    return k


def breaks_out(log, n):
    while True:
        n -= 1
        for i in range(n):
            if i == 2:
                log.append("two")
                break
        else:
            log.append("short")
            break
        log.append(n)
    return n


def tries(log, xs):
    s = 0
    for x in xs:
        try:
            log.append(x)
            s += 10 // x
            y = s
        except ZeroDivisionError as error:
            log.append(str(error))
            y = -1
        except TypeError:
            log.append("type")
            y = -2
        else:
            log.append("fine")
            y += 1
        finally:
            log.append(y)
            y = 0
        log.append("next")
    return s


def raises(log, n):
    for i in range(5):
        try:
            if i == n:
                raise ValueError(i)
            log.append(i)
        finally:
            log.append("f")  # in flight
    log.append("end")
    assert n != 7, "seven"
    return i


def reraises(log, x):
    try:
        try:
            log.append("in")
            z = 1 / x
        except ZeroDivisionError:
            log.append("caught")
            raise
    except ArithmeticError as outer:
        log.append(type(outer).__name__)
        z = None
    return z


def returns_inside(log, xs):
    for x in xs:
        try:
            if x > 2:
                return x
            log.append(x)
        except KeyError:
            log.append("never")
    return None


def handlers_in_handlers(log, d, k):
    try:
        v = d[k]
        log.append(v)
    except KeyError as first:
        log.append(first.args)
        try:
            v = d[k + 1]
            log.append("second")
        except KeyError as second:
            log.append(second.args)
            v = first.args[0] + second.args[0]
            log.append(v)
        log.append("done")
    return v


def withs(log, n):
    with Manager(log, "a") as a, Manager(log, "b"):
        log.append(a)
        for i in range(n):
            with Manager(log, i):
                log.append("body")
                if i == 1:
                    raise KeyError(i)
                log.append(i)
            log.append("after")
        n = -n
    log.append(n)
    return n


def with_raising(log, n):
    try:
        with Manager(log, "c"):
            for i in range(n):
                log.append(i)
                1 / (2 - i)
    except ZeroDivisionError:
        log.append("zero")
    return n


def comprehensions(log, n):
    xs = [i * n for i in range(n)]
    log.append(sum(x for x in xs if x))
    ys = {x: [x + k for k in range(2)] for x in xs}
    n = [n for n in range(3)]
    log.append(ys)
    return n


def nested_functions(log, n):
    add = 2
    def inner(x): return x + add + n
    log.append(inner(1))
    f = lambda y: inner(y) * add
    return f(2)


def uses_globals(log, n):
    global total
    total += n
    for i in range(LIMIT):
        total += i
        log.append(total)
    return total


def matches(log, xs):
    for x in xs:
        match x:
            case [a, b]:
                log.append(a)
                log.append(b)
            case {"k": v} if v:
                log.append(v)
            case int() | float():
                log.append("number")
            case _:
                log.append("other")
        log.append("next")
    return len(xs)


def deletes(log, n):
    x = n
    del x
    if n > 1:
        x = 3
    log.append("x" in vars())
    try:
        log.append(x)
    except NameError as error:
        log.append(type(error).__name__)
    return n


def unpacks(log, pairs):
    (a, b), *rest = pairs
    for c, (d, *e) in rest:
        a, b = b, a + c
        log.append((a, d, e))
        for k in e:
            b -= k
    return a, b, rest


def arrays(log, x, n):
    y = np.zeros_like(x)
    for t in range(n):
        for i in range(1, len(x) - 1):
            y[i] = 0.5 * (x[i - 1] + x[i + 1])
            y[i] += t
        x, y = y, x
        x[0] -= 1
    log.append(x.sum())
    return x


def over_arrays(log, x):
    s = 0.0
    for row in x:
        for k, v in enumerate(row, 1):
            s += k * v
        log.append(float(s))
    for a, b in zip(x, x[::-1]):
        s -= a[0] * b[1]
    return s


def grows(log, xs):
    for x in xs:
        if x < 4:
            xs.append(x + 1)
        log.append(x)
    return xs


def recursive(log, n):
    if n <= 1:
        log.append("leaf")
        return 1
    a = recursive(log, n - 1)
    b = recursive(log, n - 2)
    log.append(a + b)
    return a + b


def fails_late(log, x, i):
    s = 0
    for k in range(3):
        s += k
        log.append(s)
    v = x[i]
    log.append(v)
    return v


def nothing(log):
    log.append(1)
    pass
    log.append(2)


class Base:
    def value(self, k):
        return 10 * k


class Derived(Base):
    __hidden = 7

    def value(self, log, n):
        s = 0
        for k in range(n):
            s += super().value(k) + self.__hidden
            log.append(s)
        self.__own = s
        return self.__own


def method(log, n): return Derived().value(log, n)


def make_counter(start):
    count = start
    unused = 3

    def counter(log, n):
        nonlocal count
        for i in range(n):
            count += i
            log.append(count)
        return count

    return counter


counter = make_counter(10)

CALLS = {
    nested_loops: [(3, 2), (0, 5), (2, 3)],
    leaves: [([3, -1, 5, 7], 5), ([1, -2], 9), ([], 0), ([4], 4)],
    whiles: [(7,), (0,), (5,)],
    breaks_out: [(6,), (2,)],
    tries: [([1, 0, 5, "a", 2],), ([],)],
    raises: [(2,), (9,), (7,)],
    reraises: [(0,), (4,)],
    returns_inside: [([1, 2, 3, 4],), ([0],)],
    handlers_in_handlers: [({1: 5}, 1), ({2: 3}, 1), ({}, 1)],
    withs: [(3,), (1,), (0,)],
    with_raising: [(2,), (5,)],
    comprehensions: [(3,)],
    nested_functions: [(4,)],
    uses_globals: [(2,)],
    matches: [([[1, 2], {"k": 3}, 4.0, "s", {"k": 0}],)],
    unpacks: [([(1, 2), (3, (4, 5, 6)), (7, (8,))],)],
    arrays: [(np.arange(6.0) ** 2, 3)],
    over_arrays: [(np.arange(12.0).reshape(3, 4),)],
    grows: [([1, 3],)],
    recursive: [(4,)],
    fails_late: [([1, 2, 3], 1), ([1, 2, 3], 5)],
    nothing: [()],
    Derived.value: [(Derived(), 3)],
    counter: [(4,)],
}
