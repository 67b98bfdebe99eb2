"""Functions as values: made inside of a compiled function, chosen, kept, or needed where Python goes on.

`(function, arguments, …)`, each called with every tuple of arguments in turn by one kernel.
"""

import numpy as np

five = np.arange(5.0)
ints = np.arange(1000)


def one_more(v):
    return v + 1


def two_more(v):
    return v + 2


def keep(function):
    return function


def left_with_a_function(x, n):
    def shifted(v):
        return v * 2 + n

    s = 0
    for i in range(len(x)):
        try:
            s += shifted(int(x[i])) // (int(x[i]) - 3)
        except ZeroDivisionError:
            s += 7
    return s, shifted(1)


def raising_with_a_function(x, n):
    def shifted(v):
        return v * 2 + n

    s = 0
    for i in range(len(x)):
        s += shifted(int(x[i])) // (int(x[i]) - 3)
    return s, shifted(1)


def left_with_two_functions(x, n):
    twice = lambda v: v * 2  # noqa: E731

    def shifted(v):
        return twice(v) + n

    s = 0
    for i in range(len(x)):
        s += shifted(int(x[i])) % (int(x[i]) - 3 or 1) + 2**62 // (i + 1)
    n = 5
    return s, shifted(1), shifted.__name__, shifted.__qualname__


def function_of_a_loop(x, n):
    s = 0.0
    for i in range(len(x)):

        def shifted(v):
            return v + i + n  # noqa: B023

        s += shifted(x[i])
    i = 100
    return s, shifted(1.0)


def defined_in_a_branch(x, n):
    if n:

        def moved(v):
            return v + 1

    s = 0.0
    for v in x:
        s += moved(v)
    return s


def one_of_two_definitions(x, n):
    if n:

        def moved(v):
            return v + 1
    else:

        def moved(v):
            return v + 2

    s = 0.0
    for v in x:
        s += moved(v)
    return s


def one_of_two_lambdas(x, n):
    moved = (lambda v: v + 1) if n else (lambda v: v + 2)
    s = 0.0
    for v in x:
        s += moved(v)
    return s


def one_of_two_functions(x, n):
    moved = one_more if n else two_more
    s = 0.0
    for v in x:
        s += moved(v)
        moved = two_more if moved is one_more else one_more
    return s, moved


def functions_in_a_tuple(x, n):
    both = (one_more, two_more)
    s = n
    for v in x:
        s += both[0](v) + both[1](v)
    return s, both


def a_function_is_returned(x, n):
    s = n
    for v in x:
        s += one_more(v)
    return s, one_more


def called_before_it_is_defined(x, n):
    s = 0.0
    for v in x:
        s += moved(v) if n else v  # noqa: F821

    def moved(v):
        return v + 1

    return s


def decorated_inside(x, n):
    @keep
    def shifted(v):
        return v + n

    s = 0.0
    for v in x:
        s += v
    n = 17
    return s, shifted(1)


def generator_of_what_changes(x, n):
    s = x.sum()
    scaled = (v * n for v in x)
    n = 100
    return s, list(scaled)


def map_of_what_changes(x, n):
    s = x.sum()
    scaled = map(lambda v: v * n, x)  # noqa: C417
    n = 100
    return s, list(scaled)


def used_up_at_once(x, n):
    s = 0.0
    for i in range(3):
        n += i
        s += sum(v * n for v in x) + max(x, key=lambda v: v * -n)
    return s


def functions_of_each_iteration(x, n):
    made = []
    s = 0.0
    for i in range(3):
        s += x[i]
        made.append(lambda: i * n)  # noqa: B023
    n = 10
    return s, [one() for one in made]


def rebinds_from_inside(x, n):
    s = 0.0

    def add(v):
        nonlocal s
        s += v

    for v in x:
        add(v * n)
    return s


def calls_itself_inside(x, n):
    def factorial(k):
        return 1 if k < 2 else k * factorial(k - 1)

    s = n
    for i in range(len(x)):
        s += factorial(i)
    return s


INSIDE = [
    (left_with_a_function, (ints, 3)),
    (raising_with_a_function, (ints[5:], 3), (ints, 3)),
    (left_with_two_functions, (ints, 3)),
    (function_of_a_loop, (five, 2)),
    (defined_in_a_branch, (five, 1), (five, 0)),
    (one_of_two_definitions, (five, 1), (five, 0)),
    (one_of_two_lambdas, (five, 1), (five, 0)),
    (one_of_two_functions, (five, 1), (five, 0)),
    (functions_in_a_tuple, (five, 1)),
    (a_function_is_returned, (five, 1)),
    (called_before_it_is_defined, (five, 0), (five, 1)),
    (decorated_inside, (five, 1)),
    (generator_of_what_changes, (five, 2)),
    (map_of_what_changes, (five, 2)),
    (used_up_at_once, (five, 2)),
    (functions_of_each_iteration, (five, 2)),
    (rebinds_from_inside, (five, 2)),
    (calls_itself_inside, (five, 2)),
]
