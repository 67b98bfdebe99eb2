"""`strict=True`: nothing runs in Python but the statement that compiled code cannot do, and that ends the call."""

import traceback
import warnings

import numlift
import numpy as np
import pytest


def strict(function):
    return numlift.jit(strict=True)(function)


def grows(n):
    s = 1
    for _ in range(n):
        s = s * 3
    return s


def looks(x, i, seen):
    seen[0] = 1.0
    v = x[i]
    seen[0] = 2.0
    return v


def divides(x, n, seen):
    for i in range(len(x)):
        seen[i] = 1.0
        n = 7 // (n - 1)
        seen[i] = 2.0
    return n


def wraps(x):
    for i in range(len(x)):
        x[i] = x[i] + x[i]
    return x


def catches(x, i):
    try:
        v = x[i]
    except IndexError:
        v = -1.0
    return v


def squares(x, n):
    s = 0
    while n * n > 0:
        n = n * 2
        s += x[0]
    return s


def test_an_exception_is_the_programs_own():
    kernel = strict(looks)
    seen = np.zeros(1)
    with pytest.raises(IndexError, match="index 5 is out of bounds for axis 0 with size 3") as caught:
        kernel(np.ones(3), 5, seen)
    assert seen[0] == 1.0
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert [frame.line for frame in frames][1:] == ["v = x[i]"]


def test_what_happened_before_stays():
    seen = np.zeros(3)
    with pytest.raises(ZeroDivisionError):
        strict(divides)(np.ones(3), 8, seen)
    assert seen.tolist() == [2.0, 1.0, 0.0]


def test_an_int_beyond_64_bits_ends_the_call():
    kernel = strict(grows)
    assert kernel(10) == 3**10
    with pytest.raises(numlift.StrictError) as caught:
        kernel(100)
    text = str(caught.value)
    assert text == (
        f"`grows` ({__file__}:{grows.__code__.co_firstlineno + 3}) cannot go on in machine code: "
        "an int grows beyond 64 bits\n"
        "    s = s * 3\n"
        "    ^^^^^^^^^\n"
        "  keep it below 2**63 (`% modulus`, `& mask`), or compute in floats or NumPy integers"
    )


def test_only_the_test_of_a_loop_runs():
    with pytest.raises(numlift.StrictError, match="an int grows beyond 64 bits"):
        strict(squares)(np.ones(1), 3)


def test_an_integer_that_wraps_ends_the_call_behind_its_warning():
    x = np.array([100, 3, 100], "i1")
    with pytest.warns(RuntimeWarning, match="overflow encountered in scalar add"), pytest.raises(numlift.StrictError):
        strict(wraps)(x)
    assert x.tolist() == [-56, 3, 100]


def test_what_the_program_catches_is_an_error_too():
    kernel = strict(catches)
    assert kernel(np.ones(2), 1) == 1.0
    with pytest.raises(numlift.StrictError, match=r"IndexError.*which is caught in Python") as caught:
        kernel(np.ones(2), 2)
    assert isinstance(caught.value.__cause__, IndexError)


def test_it_never_gives_up():
    kernel = strict(grows)
    for _ in range(200):
        with pytest.raises(numlift.StrictError):
            kernel(100)


def uses_a_dict(x):
    d = {}
    for i in range(len(x)):
        d[i] = x[i]
    return d


def opens_a_file(x):
    for v in x:
        with open("/dev/null") as f:
            f.write(str(v))


def generates(x):
    for v in x:  # noqa: UP028
        yield v


def keywords(**options):
    return options


def deletes(x):
    s = 0.0
    for v in x:
        s += v
    del s
    return x


def formats(x):
    t = ""
    for v in x:
        t = f"{t}{v}"
    return t


def asks_object(x):
    s = 0
    for v in x:
        s += v.real
    return s


def calls_unknown(x):
    s = 0.0
    for v in x:
        s += helper_that_changes(v)
    return s


class Odd:
    def __call__(self, v):
        return v


helper_that_changes = Odd()


def sorts(x):
    return sorted(x)


def sets(x):
    s = set()
    for v in x:
        s.add(v)
    return len(s)


def imports(x):
    import math

    s = 0.0
    for v in x:
        s += math.sqrt(v)
    return s


@pytest.mark.parametrize(
    "function",
    [uses_a_dict, opens_a_file, generates, keywords, formats, calls_unknown, sorts, sets],
    ids=lambda function: function.__name__,
)
def test_what_cannot_be_compiled_is_told_with_its_line(function):
    given = {"x": np.ones(3)}
    with pytest.raises(numlift.CompileError) as caught:
        strict(function)(**given)
    text = str(caught.value)
    assert f"`{function.__name__}` ({__file__}:" in text
    assert "cannot be compiled" in text


def test_nothing_is_reported_twice():
    with warnings.catch_warnings():
        warnings.simplefilter("error", numlift.NumliftWarning)
        with pytest.raises(numlift.CompileError):
            strict(uses_a_dict)(np.ones(3))
