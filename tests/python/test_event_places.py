"""Floating-point events are told where they happen, and none that there was not."""

import warnings

import numpy as np
import pytest
from numlift import _native


def nothing_is_wrong(x, m):
    s = t = 0.0
    for s, t in zip(x, m):
        s -= t * 1.0
        for s in x:  # noqa: B007
            pass
    return np.isnan(x[1]), s, t


def second_of_two(x, m):
    t = x[0] + m[0]
    s = x[1] * 2.0
    s = s - x[1]
    return s, t


def behind_a_branch(x, m):
    s = x[0]
    if s < 5.0:
        s = np.sqrt(s)
        x *= x[1] - x[1]
    return s / m[3], x


def loops_of_expressions(x, m):
    y = x - x[1]
    s = 0.5 * 2.0 * m[:3].sum()
    np.negative(m, out=m[::-1])
    return y, s, m


def in_a_loop_that_is_clean(x, m):
    s = 1.0
    for _ in range(3):
        s = s * 1e300 / 3
    for i in range(len(x)):
        x[i] = x[i] - x[1]
    return s, x


def before_a_loop_that_is_clean(x, m):
    # Python's own product overflows silently, wherever the machine code computes it.
    s = len(m) * 2.5e307
    s *= max(s, 1.0)
    for i in range(len(x)):
        x[i] = x[i] * 0.5
    s *= s
    return s, x


def between_loops_in_a_loop(x, m):
    s = len(m) * 1e200
    for _ in range(3):
        for i in range(len(x)):
            x[i] = x[i] + 0.5
        s = s * 1e100
        t = s * s
        for i in range(len(x)):
            m[i] = m[i] * 0.5
    return s, t, x


def told(function):
    x, m = np.array([2.0, np.inf, 1.0, -3.0]), np.array([-1.0, 2.0, 0.5, 0.0])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        value = repr(function(x, m))
    return value, {(str(one.message), one.lineno) for one in caught}


FUNCTIONS = [
    nothing_is_wrong,
    second_of_two,
    behind_a_branch,
    loops_of_expressions,
    in_a_loop_that_is_clean,
    before_a_loop_that_is_clean,
    between_loops_in_a_loop,
]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_told_in_the_line_of_the_operation(function):
    kernel = _native.jit(function, {"always": True})
    assert told(kernel) == told(function)
    assert kernel.specializations[0]["compiled"]


def orders_nan(x, m, n, t):
    x = np.clip(x, -1.0, t)
    m[n] = x[1]
    u = 4.0 // (t**2)
    return u, x


@pytest.mark.parametrize("n", [3, 7])
def test_an_order_among_nans_is_no_event(n):
    """Whether the function is left behind it or not."""
    kernel = _native.jit(orders_nan, {"always": True})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            kernel(np.array([0.5, 0.25, 0.1, 0.6]), np.ones(5), n, np.nan)
        except IndexError:
            assert n == 7


def always_left(x, y, m, s):
    k = 0
    for _ in range(3):
        k = int(x.argmax())
    x = np.array([(v * v) for v in m[0]])
    i = max(range(len(x)), key=lambda v: x[v]) if len(x) else 0
    return k, i, x


def test_an_order_among_nans_is_no_event_of_a_function_that_is_always_left():
    kernel = _native.jit(always_left, {"always": True})
    x = np.array([-0.0, 1e300, 3.0, -1.0, 2.0, np.nan])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        given = x, np.arange(5), np.ones((4, 4)), 2.0
        assert repr(kernel(*given)) == repr(always_left(*given))


def quotients_of_one_of_two(x, m, t):
    for s in m[0]:
        v = s / t
        t -= x[0]
    return t, v


def test_a_complex_quotient_by_zero_that_may_be_of_a_float_is_not_invalid():
    kernel = _native.jit(quotients_of_one_of_two, {"always": True})
    given = np.array([-4.0 - 2.0j], dtype=np.complex64), np.array([[0.98 + 1j, 0.5 + 0.5j]], dtype=np.complex64), 0.0
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        kernel(*given)
    assert [str(one.message) for one in told if one.category is RuntimeWarning] == [
        "divide by zero encountered in scalar divide"
    ]


def grows_silently(t, n):
    if n <= 0:
        return t
    # Python's own floats.
    return grows_silently(t * 1e300, n - 1)


def grows_loudly(x, t, n):
    if n <= 0:
        return t
    for i in range(len(x)):
        x[i] = x[i] * 1e300
    return grows_loudly(x, t * 0.5, n - 1)


def in_front_of_a_silent_call(x, m):
    s = x[0] * 1e308 * 10.0
    return grows_silently(float(len(m)), 3), s


def behind_a_silent_call(x, m):
    t = grows_silently(float(len(m)), 3)
    s = x[0] * 1e308 * 10.0
    return t, s


def silent_calls_in_a_loop(x, m):
    s, t = m[0], 0.0
    for v in m:
        t = grows_silently(float(len(m)), 3)
        s = s + v * 0.5
    return s, t


def a_loud_call_beside_silence(x, m):
    s = float(len(x)) * 1e300
    t = grows_loudly(m, 2.0, 2)
    s = s * s
    u = grows_silently(s, 1)
    return s, t, u, m


CALLS = [in_front_of_a_silent_call, behind_a_silent_call, silent_calls_in_a_loop, a_loud_call_beside_silence]


@pytest.mark.parametrize("function", CALLS)
def test_a_call_of_a_function_with_code_of_its_own(function):
    kernel = _native.jit(function, {"always": True})
    assert told(kernel) == told(function)
    assert kernel.specializations[0]["compiled"]


def equals_infinity(x, m):
    y = x / 3.0
    return np.where(y == np.inf, 1.5, y), np.where(y != -np.inf, y, 2.5), np.nan_to_num(y)


def equals_infinity_in_a_loop(x, m):
    y = np.empty(len(x))
    for i in range(len(x)):
        v = x[i] / 3.0
        y[i] = 1.5 if v == np.inf else v
    return y


@pytest.mark.parametrize("count", [1, 3, 9, 70])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("function", [equals_infinity, equals_infinity_in_a_loop])
def test_an_equality_with_infinity_is_no_event_of_a_nan(function, dtype, count):
    """LLVM makes an order of it."""
    x = np.linspace(-3.0, 3.0, count).astype(dtype)
    x[::3] = np.nan
    kernel = _native.jit(function, {"always": True})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert repr(kernel(x, x)) == repr(function(x, x))
    assert kernel.specializations[0]["compiled"]
