"""`numlift.jit` where people use it: methods, closures, helpers, recursion, `try`, notebooks, threads."""

import linecache
import math
import threading
import warnings

import numlift
import numpy as np
import pytest
from kernels import defined

FACTOR = 2.0


@numlift.jit
def scaled(x):
    return x * FACTOR


@numlift.jit
def total_scaled(x):
    s = 0.0
    for i in range(len(x)):
        s += scaled(x[i])
    return s


@numlift.jit
def fibonacci(n):
    if n < 2:
        return n
    return fibonacci(n - 1) + fibonacci(n - 2)


@numlift.jit
def factorial(n):
    return 1 if n <= 1 else n * factorial(n - 1)


@numlift.jit
def depth(n):
    if n == 0:
        return 0
    return 1 + depth(n - 1)


class Oscillator:
    def __init__(self, stiffness):
        self.stiffness = stiffness
        self.weights = np.arange(4.0)

    @numlift.jit
    def energy(self, x):
        e = 0.0
        for i in range(len(self.weights)):
            e += self.stiffness * self.weights[i] * x
        return e


def is_compiled(kernel):
    return [one["compiled"] for one in kernel.specializations]


def test_a_helper_is_seen_through_and_its_globals_are_read_at_each_call(monkeypatch):
    x = np.arange(5.0)
    assert total_scaled(x) == 20.0
    monkeypatch.setitem(globals(), "FACTOR", 3.0)
    assert total_scaled(x) == 30.0
    assert is_compiled(total_scaled) == [True]
    monkeypatch.setitem(globals(), "scaled", lambda x: x + 1)
    assert total_scaled(x) == 15.0


def test_a_function_that_calls_itself():
    assert [fibonacci(n) for n in range(12)] == [0, 1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89]
    assert is_compiled(fibonacci) == [True]
    # The callee leaves for an int that no 64 bits hold; its callers go on from there.
    assert factorial(30) == math.factorial(30)
    assert is_compiled(factorial) == [True]
    assert depth(100) == 100
    with pytest.raises(RecursionError):
        depth(10**6)


def test_attributes_of_self():
    one, other = Oscillator(3.0), Oscillator(5.0)
    assert one.energy(2.0) == 36.0
    assert other.energy(2.0) == 60.0
    one.weights = np.ones(2)
    assert one.energy(1.0) == 6.0
    one.stiffness = 2
    assert one.energy(1.0) == 4.0
    assert all(is_compiled(Oscillator.energy))


def test_another_class_has_other_attributes():
    class Other(Oscillator):
        @property
        def stiffness(self):
            return 7.0

        @stiffness.setter
        def stiffness(self, value):
            pass

    assert Other(3.0).energy(1.0) == 42.0


def test_closures_have_values_of_their_own():
    def made(k):
        @numlift.jit
        def inner(x):
            s = 0.0
            for i in range(len(x)):
                s += x[i] * k
            return s

        return inner

    two, three = made(2.0), made(3)
    x = np.arange(5.0)
    assert (two(x), three(x)) == (20.0, 30.0)
    assert is_compiled(two) == is_compiled(three) == [True]


def test_try_goes_on_in_python_inside_of_the_statement():
    @numlift.jit
    def counted(x, n):
        k = 0
        for i in range(n):
            try:
                k += int(x[i])
                k += 1
            except IndexError:
                k += 100
            else:
                k += 10
            finally:
                k += 1000
        return k

    x = np.arange(3.0)
    assert counted(x, 3) == counted.py_func(x, 3) == 3036
    assert counted(x, 5) == counted.py_func(x, 5)
    assert is_compiled(counted) == [True]


def test_a_piece_that_raises_is_caught():
    @numlift.jit
    def inverse(a):
        try:
            b = np.linalg.inv(a)
        except np.linalg.LinAlgError:
            return "singular"
        return b

    assert (inverse(np.eye(2)) == np.eye(2)).all()
    assert inverse(np.zeros((2, 2))) == "singular"


class TestReadOnly:
    def test_arguments(self):
        @numlift.jit
        def add_one(x):
            x += 1

        x = np.arange(3.0)
        add_one(x)
        assert x.tolist() == [1.0, 2.0, 3.0]
        assert is_compiled(add_one) == [True]
        x.flags.writeable = False
        with pytest.raises(ValueError, match="read-only"), pytest.warns(numlift.NumliftWarning):
            add_one(x)
        assert x.tolist() == [1.0, 2.0, 3.0]

    def test_a_copy_may_be_written(self):
        @numlift.jit
        def smooth(x, a):
            y = x.copy()
            for i in range(1, len(x)):
                y[i] = a * y[i - 1] + (1 - a) * x[i]
            return y

        x = np.arange(5.0)
        x.flags.writeable = False
        assert smooth(x, 0.5).tolist() == smooth.py_func(x, 0.5).tolist()
        assert is_compiled(smooth) == [True]

    def test_reading_is_compiled(self):
        @numlift.jit
        def first(x):
            return x[0] + 1

        x = np.arange(3.0)
        x.flags.writeable = False
        assert first(x) == 1.0
        assert is_compiled(first) == [True]

    @pytest.mark.parametrize("make", [lambda x: np.broadcast_to(x, (2, 3)), lambda x: np.diagonal(np.diag(x))])
    def test_what_functions_give(self, make):
        @numlift.jit
        def stored(x, make):
            y = make(x)
            y[0] = 5.0
            return y

        with pytest.raises(ValueError, match="read-only"):
            stored(np.arange(3.0), make)


def test_a_cell_of_a_notebook():
    # Its own text has no line for the imports: what names stand for is seen when it is called.
    source = "@jit\ndef cell(x):\n    y = np.zeros(len(x))\n    for i in range(len(x)):\n        y[i] = x[i] ** 2\n"
    source += "    return y\n"
    name = "<ipython-input-1>"
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    try:
        cell = defined(source, name, "cell", np=np, jit=numlift.jit)
        assert cell(np.arange(3.0)).tolist() == [0.0, 1.0, 4.0]
    finally:
        del linecache.cache[name]
    assert is_compiled(cell) == [True]


def test_many_threads_call_one_kernel():
    @numlift.jit
    def work(x, n):
        s = 0.0
        for t in range(n):
            for i in range(len(x)):
                s += x[i] * t
        return s

    expected = work.py_func(np.arange(50.0), 20)
    results = []

    def run():
        results.extend(work(np.arange(50.0), 20) for _ in range(20))

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [expected] * 160


def test_results_share_memory_as_in_python():
    @numlift.jit
    def parts(x):
        return x, x[1:], x[::2], x + 0

    x = np.arange(5.0)
    same, rest, even, fresh = parts(x)
    assert same is x
    assert np.shares_memory(rest, x) and np.shares_memory(even, x) and not np.shares_memory(fresh, x)
    assert even.strides == (16,)


def test_arguments_that_overlap():
    @numlift.jit
    def shifted(a, b):
        a[1:] = b[:-1] * 2
        return a

    expected = np.arange(6.0)
    expected[1:] = expected[:-1] * 2
    x = np.arange(6.0)
    assert shifted(x, x).tolist() == expected.tolist()
    y = np.arange(7.0)
    z = y.copy()
    z[1:][1:] = z[:-1][:-1] * 2
    shifted(y[1:], y[:-1])
    assert y.tolist() == z.tolist()


class TestWarnings:
    @staticmethod
    def of(function, *arguments):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            function(*arguments)
        return sorted({str(one.message).split(" in ")[0] for one in caught})

    @pytest.mark.parametrize(
        "a, b",
        [
            ([1.0, 1.0], [0.0, 1.0]),
            ([1e308, 1.0], [1e-10, 1.0]),
            ([np.inf, 1.0], [np.inf, 1.0]),
            ([0.0, 1.0], [0.0, 2.0]),
            ([np.nan, 1.0], [0.0, 2.0]),
            ([1.0] * 100, [1.0] * 100),
        ],
    )
    def test_a_division_under_a_condition(self, a, b):
        @numlift.jit
        def ratio(a, b, out):
            for i in range(len(a)):
                if a[i] != 0:
                    out[i] = a[i] / b[i]

        a, b, out = np.array(a), np.array(b), np.zeros(len(a))
        assert self.of(ratio, a, b, out) == self.of(ratio.py_func, a, b, out)

    def test_what_a_condition_keeps_out_gives_no_warning(self):
        @numlift.jit
        def guarded(x, out):
            for i in range(len(x)):
                if x[i] > 0:
                    out[i] = np.log(x[i]) + np.sqrt(x[i]) + 1.0 / x[i]

        x = np.where(np.arange(1000) % 3 == 0, -1.0, 2.0)
        x[::7] = 0.0
        assert self.of(guarded, x, np.zeros(1000)) == []
        assert is_compiled(guarded) == [True]
