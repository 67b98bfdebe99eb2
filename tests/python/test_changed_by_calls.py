"""What code that runs in Python has stored is read again behind it: attributes, globals, items, variables around."""

import time
import warnings

import numpy as np
import pytest
from numlift import _native

G = 1.5
H = [1.0, 2.0]
D = {"a": 1.0}


def set_global(v):
    global G
    print(end="")
    G = G * 10 + v
    return v


def put(d, v):
    print(end="")
    d["a"] = d["a"] * 10 + v


def append(items, v):
    print(end="")
    items.append(v)


def fill(x, v):
    print(end="")
    x[0] = v


class State:
    def __init__(self):
        self.t = 1.5
        self.x = np.arange(4.0)

    def add(self, v):
        print(end="")
        self.t = self.t * 10 + v
        return v

    def late(self, when, v):
        self.t = self.t * 10 + v

    def remake(self, v):
        print(end="")
        self.x = np.ones(3) * v


def behind_a_store(s, n):
    s.t = 2.0
    s.add(n)
    return s.t * n


def behind_a_load(s, n):
    a = s.t
    s.add(n)
    return s.t * n + a


def with_the_clock(s, n):
    a = s.t
    s.late(time.time(), n)
    return s.t * n + a


def another_array(s, n):
    s.x = np.zeros(4)
    s.remake(n)
    return s.x.sum(), len(s.x)


def in_a_loop(s, n):
    total = 0.0
    for i in range(n):
        s.t = 2.0
        total += s.add(i) + s.t
    return total


def in_one_expression(s, n):
    s.t = 2.0
    return s.add(n) + s.t


def in_a_branch(s, n):
    s.t = 3.0
    if n > 1:
        s.add(n)
    return s.t


def stores_and_adds(s, n):
    s.t = 2.0
    s.add(n)
    return s.t


def in_a_callee(s, n):
    return stores_and_adds(s, n) * n, s.t


def a_global(s, n):
    a = G
    set_global(n)
    return G + a


def a_global_as_argument(s, n):
    set_global(G)
    return G * n


def a_global_in_one_expression(s, n):
    a = G
    y = set_global(n) + G
    return G + y + a


def a_global_in_a_test(s, n):
    total = 0.0
    while G < 1000:
        total += G
        set_global(n)
    if set_global(n) > 2:
        return G + total
    return total


def a_global_in_a_callee(s, n):
    return a_global(s, n) + a_global(s, 1)


def an_item(s, n):
    a = D["a"]
    D["a"] = 5.0
    put(D, n)
    return a, D["a"]


def an_own_item(s, n):
    d = {"a": 2.0}
    put(d, n)
    return d["a"]


def a_list(s, n):
    a = len(H)
    append(H, n)
    return a, len(H), H[-1]


def an_array(s, n):
    x = np.zeros(3)
    y = x + 1
    fill(x, n)
    return x[0], y[0], (x + y).sum()


FUNCTIONS = [
    behind_a_store,
    behind_a_load,
    with_the_clock,
    another_array,
    in_a_loop,
    in_one_expression,
    in_a_branch,
    in_a_callee,
    a_global,
    a_global_as_argument,
    a_global_in_one_expression,
    a_global_in_a_test,
    a_global_in_a_callee,
    an_item,
    an_own_item,
    a_list,
    an_array,
]


def ended(function):
    global G
    G = 1.5
    H[:] = [1.0, 2.0]
    D["a"] = 1.0
    results = []
    for _ in range(2):
        s = State()
        results.append((repr(function(s, 3)), s.t, s.x.tolist()))
    return results, G, list(H), dict(D)


@pytest.mark.parametrize("options", [{"always": True}, {}], ids=["always", "where it pays"])
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_what_a_call_has_stored_is_seen(function, options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert ended(_native.jit(function, options)) == ended(function)


def made():
    k = 1.0

    def bump(v):
        nonlocal k
        print(end="")
        k = k * 10 + v
        return k

    def f(s, n):
        a = k
        bump(n)
        b = k
        y = bump(k) + k
        return a, b, k, y

    return f


def test_a_variable_of_the_function_around():
    assert ended(_native.jit(made(), {"always": True})) == ended(made())


def test_two_names_of_one_object():
    def both(s, r, n):
        s.t = 2.0
        r.add(n)
        return s.t, r.t

    kernel = _native.jit(both, {"always": True})
    one, other = State(), State()
    assert kernel(one, other, 3) == (2.0, 18.0)
    assert kernel(one, one, 3) == (23.0, 23.0)
