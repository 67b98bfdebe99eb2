"""Programs that are not nice to a compiler, one idea each: `(function, arguments, …)`.

Each is called with every tuple of arguments in turn, by one kernel, so that later calls meet what earlier ones left.
"""

import math

import numpy as np

TOP = 2**63 - 1

ten = np.arange(10.0)
ints = np.arange(10)


def near_the_top(n):
    s = 0
    for i in range(n - 3, n):
        s += i
    return s


def range_to_the_end(n):
    last = None
    for i in range(n - 5, n, 3):
        last = i
    return last


def range_down_to_the_bottom(n):
    seen = 0
    for i in range(n + 5, n, -3):  # noqa: B007
        seen += 1
    return seen, i


def minus_the_smallest(n):
    return -n, abs(n), n // -1, n % -1


def shifts(n, k):
    return n << k, n >> k


def signed_and_unsigned(a, b):
    s = a[0]
    for i in range(len(a)):
        s = a[i] + b[i]
    return s, a[0] < b[0], a[0] // b[1], a[1] % b[1]


def unsigned_below_zero(a):
    for i in range(len(a)):
        a[i] = a[i] - 1
    return a


def bools_are_numbers(m):
    s = 0
    t = True
    for v in m:
        s += v
        t = t + v
    return s, t, m.sum(), m[0] + m[1], m[0] * m[1], m[0] | m[1], True + True


def bools_minus(m):
    return m[0] - m[1]


def odd_steps(x):
    x[1::3] = x[::-1][:3]
    x[-1:-8:-3] += 1
    return x[8:2:-2], x[::-4], x[5:5], x[100:], x[-100:3], x[3:-100:-1]


def same_array_twice(a, b):
    for i in range(1, len(a)):
        a[i] = b[i - 1] + 1
    return a, b


def shifted_views(a):
    b = a[1:]
    c = a[:-1]
    b += c
    c[:] = b[::-1]
    return a


def name_bound_to_another(x):
    y = x
    for i in range(3):
        y = y[1:]
        y[0] = -i
    return x, y


def grows_by_island(x):
    y = x
    for i in range(3):
        y = np.append(y, i)
    s = 0.0
    for v in y:
        s += v
    return y, s


def default_counts(x, seen=[]):  # noqa: B006
    seen.append(x)
    return len(seen)


def default_array(x, out=np.zeros(3)):  # noqa: B008
    for i in range(len(out)):
        out[i] += x
    return out.copy()


def keyword_only(x, *, scale=2.0, shift=1):
    s = 0.0
    for v in x:
        s += v * scale + shift
    return s


def finally_returns(x, i):
    try:
        v = x[i]  # noqa: F841
    finally:
        return -1.0  # noqa: B012


def finally_continues(x):
    n = 0
    for i in range(len(x)):
        try:
            if x[i] > 3:
                n += 10
                raise ValueError("too large")
        except ValueError:
            n += 100
        finally:
            n += 1
            if i % 2:
                continue  # noqa: B012
        n += 1000
    return n


def breaks_out_of_try(x):
    for i in range(len(x)):
        try:
            if x[i] == 4:
                break
            y = 1 / (i - 7)
        except ZeroDivisionError:
            return "zero", i
        else:
            y = y * 2
    else:
        return "end", i
    return "break", i, y


def raises_in_the_middle(x, out):
    for i in range(len(x)):
        out[i] = x[i] * 2
        if out[i] > 6:
            raise ArithmeticError(f"{i}")
    return out


def raises_again(x):
    try:
        try:
            return x[100]
        except IndexError as error:
            x[0] = -5
            raise KeyError("other") from error
    except KeyError:
        x[1] = -6
    return x


def recursion(n):
    if n <= 0:
        return 0
    return 1 + recursion(n - 1)


def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def array_recursion(x, lo, hi):
    if hi - lo < 2:
        return
    m = (lo + hi) // 2
    array_recursion(x, lo, m)
    array_recursion(x, m, hi)
    t = x[lo:hi].copy()
    i, j = 0, m - lo
    for k in range(lo, hi):
        if j >= hi - lo or (i < m - lo and t[i] <= t[j]):
            x[k] = t[i]
            i += 1
        else:
            x[k] = t[j]
            j += 1


def generator_in_place(x):
    return sum(v * v for v in x), max(v for v in x if v < 5), any(v > 8 for v in x), all(v >= 0 for v in x)


def generator_that_changes(x):
    g = (v for v in x)
    x[0] = 100.0
    return sum(g)


def nested_function(x):
    def scaled(v):
        w = v * k
        return w + 1

    k = 2.0
    s = 0.0
    for v in x:
        s += scaled(v)
        k += 1
    return s


def late_closure(x):
    fs = [lambda: i for i in range(3)]  # noqa: B023
    return fs[0]() + x[0]


def zero_dimensional(x):
    y = x + 1
    x[()] = 5
    return y, x[()], x.ndim, x * 2, float(x)


def stores_too_large(x, v):
    x[0] = v
    return x


def stores_a_float_in_ints(x, v):
    for i in range(len(x)):
        x[i] = v + i
    return x


def negative_indices(x):
    s = 0.0
    for i in range(-len(x), len(x)):
        s += x[i]
    return s


def index_of_bool(x):
    return x[True], x[False].shape, x[None].shape


def index_by_float(x):
    return x[1.0]


def index_by_numpy(x, k):
    s = 0.0
    for i in k:
        s += x[i]
    return s


def modulo_signs(n, m):
    return n // m, n % m, -n // m, -n % m, n // -m, n % -m, divmod(n, m)


def float_modulo(x, y):
    return x // y, x % y, -x // y, -x % y, x % -y


def powers(n, e):
    return n**e


def rounds(x):
    return round(x), int(x), math.floor(x), math.ceil(x), math.trunc(x)


def nan_in_comparisons(x):
    n = 0
    for v in x:
        for w in x:
            if not (v < w or v >= w):
                n += 1
            if v != v:
                n += 100
    return n, min(x[0], x[1]), max(x[0], x[1]), x.max(), x.argmax()


def minus_zero(x):
    return x * 0, -x, abs(x), 0.0 * x, x + 0.0, 0 - x, round(x)


def unbound_after_loop(x):
    for i in range(len(x)):
        last = x[i]
    return last


def unbound_variable(n):
    if n > 3:
        v = 1.0
    for _ in range(2):
        n += 1
    return v + n


def del_in_loop(x):
    s = 0.0
    for v in x:
        w = v
        s += w
        del w
    return s


def loop_variable_changed(n):
    s = 0
    for i in range(n):
        i += 5
        s += i
    return s, i


def bound_changed_in_loop(n):
    s = 0
    for _ in range(n):
        n -= 1
        s += n
    return s, n


def array_rebound_in_loop(x):
    s = 0.0
    for v in x:
        x = x[::-1] * 2
        s += v + x[0]
    return s, x


def array_changed_in_loop(x):
    s = 0.0
    for v in x:
        x[-1] = v + 1
        s += v
    return s


def chained_comparison_evaluates_once(x):
    i = 0
    n = 0
    while 0 <= i < len(x) != 3:
        i += 1
        n += i
    return n


def while_else(n):
    while n > 0:
        n -= 2
        if n == 1:
            break
    else:
        return "else", n
    return "break", n


def swaps(x, i, j):
    x[i], x[j] = x[j], x[i]
    return x


def swaps_rows(m):
    m[0], m[1] = m[1], m[0]
    return m


def swaps_rows_by_copy(m):
    m[[0, 1]] = m[[1, 0]]
    return m


def augmented_twice(x, k):
    x[k] += 1
    return x


def scatter(h, k):
    for i in k:
        h[i] += 1
    return h


def matrix_views(m):
    t = m.T
    t[0] = t[1]
    m[:, 2] += m[1]
    d = m[::2, ::-1]
    d *= 2
    return m, t.shape, d


def reshaped_view(m):
    r = m.reshape(-1)
    r[0] = 99.0
    f = m.ravel()
    f[1] = 98.0
    return m, r, f


def broadcasting(m, r):
    m += r
    m -= r[:, None][: len(m)]
    return m


def wrong_shapes(a, b):
    c = a + 1
    a[0] = 7
    return c + b


def empty_reductions(x):
    e = x[:0]
    return e.sum(), e.prod(), len(e)


def empty_maximum(x):
    x[0] = 5
    return x[:0].max()


def mean_of_nothing(x):
    return x[:0].mean()


def overflow_of_sums(x):
    return x.sum(), x.prod()


def half_overflow(x):
    s = x[0]
    for v in x:
        s = s * v
    return s, x * x


def complex_numbers(z):
    s = 0j
    for v in z:
        s += v * v.conjugate() / (1 + v)
    return s, abs(s), s.real, z.imag


def string_argument(x, name):
    s = 0.0
    for v in x:
        s += v
    return s if name == "sum" else s / len(x)


def none_argument(x, w=None):
    s = 0.0
    for i in range(len(x)):
        s += x[i] * (1.0 if w is None else w[i])
    return s


def tuples(p, q):
    a, b = p
    (c, d), e = q
    return (a + c, b * d), e, (p + (e,))[2]


def returns_arguments(x, y):
    return x, y, x


def prints_half_way(x):
    for i in range(len(x)):
        print(i, x[i])
        x[i] = 1 / (x[i] - 2)
    return x


def truth_of_array(x):
    if x:
        return 1
    return 0


def and_or(x, y):
    return x and y, x or y, not x


def conditional_types(n):
    r = 1 if n > 0 else 2.5
    s = r
    for i in range(3):
        s = s + r if i % 2 else s
    return s, r


def int_then_float(n):
    s = 0
    for i in range(n):
        if i == 3:
            s = s + 0.5
        s += 1
    return s


def type_of_numpy(x):
    s = 0
    for v in x:
        s += v
    return type(s).__name__, s


def assert_with_message(x):
    for i in range(len(x)):
        assert x[i] < 5, f"at {i}: {x[i]}"
    return i


def slice_assignment_of_itself(x):
    x[2:] = x[:-2]
    x[:-2] = x[2:]
    x[::2] = x[1::2]
    return x


def wrong_slice_assignment(x):
    x[0] = 1
    x[1:4] = x[5:7]
    return x


def isinstance_check(x):
    if isinstance(x, np.ndarray):
        return len(x)
    return -1


def integer_division_of_arrays(x, y):
    return x // y, x % y, x / y


def exception_of_math(x):
    n = 0
    for v in x:
        try:
            n += math.sqrt(v)
        except ValueError:
            n -= 1
    return n


big = np.array([TOP, TOP - 1, -(2**63), -1, 0, 1])


def left_from_else_of_try(x, i):
    """What ends a function in the `else` of a `try` runs its `finally`, too."""
    try:
        i += 1
    except IndexError:
        i = 5
    else:
        if i > 2:
            return
    finally:
        x[0] = 7.0
    return i


def warned_before_it_raised(x):
    """A warning comes before the exception of what runs in Python."""
    s = 1.0 / x[0]
    x += 1.5
    return s


HOSTILE = [
    (near_the_top, (5,), (TOP,), (-(2**63) + 3,), (2**62,), (2**63 + 2,)),
    (range_to_the_end, (TOP,), (5,), (2**63 + 3,)),
    (range_down_to_the_bottom, (-(2**63),), (0,), (-(2**63) + 1,)),
    (minus_the_smallest, (5,), (-(2**63),), (-(2**63) - 1,)),
    (shifts, (1, 3), (1, 62), (1, 63), (1, 64), (-1, 63), (1, -1), (5, 200), (0, 1000)),
    (
        signed_and_unsigned,
        (np.array([3, 5]), np.array([7, 2], "u8")),
        (np.array([-3, 5], "i4"), np.array([7, 2], "u4")),
    ),
    (unsigned_below_zero, (np.array([3, 5], "u8"),), (np.array([3, 0], "u4"),), (np.array([1, 0], "u1"),)),
    (bools_are_numbers, (np.array([True, True, False]),)),
    (bools_minus, (np.array([True, True, False]),)),
    (odd_steps, (ten,), (np.arange(20.0)[::2],), (np.arange(10),)),
    (same_array_twice, (ten, ten), (ten, ten.copy()), (ten[1:], ten[:-1]), (ten[::2], ten[1::2])),
    (shifted_views, (ten,), (ints,), (np.arange(20.0)[::2],)),
    (name_bound_to_another, (ten,)),
    (grows_by_island, (ten,)),
    (default_counts, (1,), (2,), (3,)),
    (default_array, (1.0,), (2.0,)),
    (keyword_only, (ten,)),
    (finally_returns, (ten, 3), (ten, 30)),
    (finally_continues, (ten,)),
    (breaks_out_of_try, (ten,), (ten[5:],), (ten + 10,), (ten[:3],)),
    (raises_in_the_middle, (ten, np.zeros(10)), (ten[:3], np.zeros(3)), (ten, np.zeros(2))),
    (raises_again, (ten,)),
    (recursion, (5,), (900,), (10**6,)),
    (fibonacci, (15,), (1,)),
    (array_recursion, (np.array([5, 2, 8, 1, 9, 3.0]), 0, 6)),
    (generator_in_place, (ten,)),
    (generator_that_changes, (ten,)),
    (nested_function, (ten,)),
    (late_closure, (ten,)),
    (zero_dimensional, (np.array(3.0),), (np.array(3),)),
    (
        stores_too_large,
        (np.zeros(2, "i1"), 200),
        (np.zeros(2, "i1"), 20),
        (np.zeros(2, "u1"), -1),
        (np.zeros(2, "i8"), 2**64),
    ),
    (
        stores_a_float_in_ints,
        (np.zeros(3, int), 2.7),
        (np.zeros(3, int), 1e300),
        (np.zeros(3, "u1"), 254.5),
        (np.zeros(3, "i4"), np.nan),
    ),
    (negative_indices, (ten,)),
    (index_of_bool, (ten,)),
    (index_by_float, (ten,)),
    (
        index_by_numpy,
        (ten, np.array([1, -1, 3], "i1")),
        (ten, np.array([1, 200], "u1")),
        (ten, np.array([True, False])),
    ),
    (modulo_signs, (7, 3), (-7, 3), (7, -3), (-7, -3), (7, 0), (-(2**63), -1)),
    (
        float_modulo,
        (7.5, 2.0),
        (-7.5, 2.0),
        (7.5, -2.0),
        (0.0, 3.0),
        (-0.0, 3.0),
        (1.0, math.inf),
        (-1.0, math.inf),
        (math.nan, 1.0),
        (1.0, 0.0),
    ),
    (
        powers,
        (2, 10),
        (2, 62),
        (2, 63),
        (2, -1),
        (0, 0),
        (0, -1),
        (-2, 3),
        (2.0, 0.5),
        (-2.0, 0.5),
        (-8.0, 3),
        (1e200, 2),
        (2, 3.0),
    ),
    (rounds, (2.5,), (-2.5,), (1e20,), (-0.4,), (math.nan,), (math.inf,)),
    (nan_in_comparisons, (np.array([1.0, math.nan, 2.0]),), (np.array([math.nan, 1.0, 2.0]),)),
    (minus_zero, (-0.0,), (0.0,), (3.0,), (0,)),
    (unbound_after_loop, (ten,), (ten[:0],)),
    (unbound_variable, (5,), (1,)),
    (del_in_loop, (ten,)),
    (loop_variable_changed, (4,), (0,)),
    (bound_changed_in_loop, (4,)),
    (array_rebound_in_loop, (ten,)),
    (array_changed_in_loop, (ten,), (ints,)),
    (chained_comparison_evaluates_once, (ten,), (ten[:3],)),
    (while_else, (4,), (5,)),
    (swaps, (ten, 0, 3), (ten, 0, -1), (ten, 0, 10)),
    (swaps_rows, (np.arange(6.0).reshape(2, 3),)),
    (swaps_rows_by_copy, (np.arange(6.0).reshape(2, 3),)),
    (augmented_twice, (ten, np.array([1, 1, 2])), (ten, np.array([1, 11]))),
    (
        scatter,
        (np.zeros(4), np.array([1, 1, 2])),
        (np.zeros(4, int), np.array([1, 1, -2])),
        (np.zeros(4), np.array([1, 7])),
    ),
    (matrix_views, (np.arange(9.0).reshape(3, 3),), (np.arange(9.0).reshape(3, 3).T,)),
    (reshaped_view, (np.arange(6.0).reshape(2, 3),), (np.arange(6.0).reshape(2, 3).T,)),
    (broadcasting, (np.ones((3, 3)), np.arange(3.0)), (np.ones((3, 3)), np.arange(2.0))),
    (wrong_shapes, (np.ones(3), np.ones(3)), (np.ones(3), np.ones(4)), (np.ones(3), np.ones(1))),
    (empty_reductions, (ten,), (ints,)),
    (empty_maximum, (ten,)),
    (mean_of_nothing, (ten,)),
    (overflow_of_sums, (big,), (np.array([100, 100], "i1"),), (np.array([1e308, 1e308]),)),
    (half_overflow, (np.array([100, 100, 100], "f2"),)),
    (complex_numbers, (np.array([1 + 2j, 3 - 1j]),), (np.array([-1 + 0j]),)),
    (string_argument, (ten, "sum"), (ten, "mean")),
    (none_argument, (ten,), (ten, ten), (ten, None)),
    (tuples, ((1, 2.0), ((3, 4), 5))),
    (returns_arguments, (ten, ten), (ten, 3)),
    (prints_half_way, (np.array([1.0, 2.0, 3.0]),), (np.array([1, 3]),)),
    (truth_of_array, (ten,), (ten[:1],), (ten[1:2],)),
    (and_or, (1, 2.0), (0, 2.0), (0.0, 0), (math.nan, 1)),
    (conditional_types, (1,), (-1,)),
    (int_then_float, (2,), (5,)),
    (type_of_numpy, (ten,), (ints.astype("i1"),), (np.array([True, True]),), (ten[:0],)),
    (assert_with_message, (ten[:4],), (ten,)),
    (slice_assignment_of_itself, (ten,), (ten[::-1],)),
    (wrong_slice_assignment, (ten,)),
    (isinstance_check, (ten,), (3,)),
    (integer_division_of_arrays, (ints - 5, ints - 3), (ints.astype("u1"), ints.astype("u1")), (ten, ten - 3)),
    (exception_of_math, (ten - 3,)),
    (left_from_else_of_try, (np.arange(4.0), 2), (np.arange(4.0), 0)),
    (warned_before_it_raised, (np.zeros(4, int),)),
]
