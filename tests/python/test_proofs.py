"""What is proven of a whole program holds, whatever ways around its names the program goes.

Each program of `ways_around.txt` is lifted as the program itself, so that types and disjointness need no test where
they are proven, and old and new are held against each other.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import types
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

TESTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "generator"))

from lifting import NUMBERS, Tracer  # noqa: E402
from numlift import _native  # noqa: E402

Output = tuple[str, str, list[str]]


def programs() -> dict[str, str]:
    first, *rest = (TESTS / "python" / "ways_around.txt").read_text(encoding="utf-8").split("#--- ")
    found = {}
    for part in rest:
        name, _, text = part.partition("\n")
        found[name] = text if name.endswith("!") else first + text
    return found


PROGRAMS = programs()


def run_as_main(source: str) -> None:
    """As `python script.py` would: the module is `__main__`. What the program does to NumPy is taken back."""
    main = types.ModuleType("__main__")
    before = sys.modules["__main__"], dict(vars(np)), sys.stdout
    errors, callback = np.geterr(), np.geterrcall()
    sys.modules["__main__"] = main
    try:
        exec(compile(source, f"<program{next(NUMBERS)}>", "exec", dont_inherit=True), vars(main))
    finally:
        sys.modules["__main__"], names, sys.stdout = before
        np.seterr(**errors)
        np.seterrcall(callback)
        for name, value in names.items():
            if vars(np).get(name) is not value:
                setattr(np, name, value)


def output(source: str) -> Output:
    ended = ""
    with contextlib.redirect_stdout(io.StringIO()) as out, warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            run_as_main(source)
        except (Exception, SystemExit) as error:
            ended = repr(error)
    return out.getvalue(), ended, sorted({repr(warning.category) for warning in warned})


def lifted(source: str) -> dict[str, Any]:
    regions = json.loads(_native.lift(source, None, "{}", is_main=True))["regions"]
    tracer = Tracer(regions)
    outer = sys.gettrace()
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(action="ignore"):
        sys.settrace(tracer.trace)
        try:
            run_as_main(source)
        except (Exception, SystemExit):
            pass  # what was captured until then counts
        finally:
            sys.settrace(outer)
    found: dict[str, Any] = json.loads(_native.lift(source, None, json.dumps(tracer.captures), is_main=True))
    return found


def proven(found: dict[str, Any]) -> set[str]:
    cures = [cure for region in found["regions"] for cure in region["cures"]]
    return {told["text"] for cure in cures for told in cure["conditions"] if told["discharge"] == "proven"}


@pytest.mark.parametrize("name", PROGRAMS)
def test_way_around(name: str) -> None:
    source = PROGRAMS[name]
    found = lifted(source)
    if found["source"] is not None:
        assert output(found["source"]) == output(source)


def test_without_a_way_around_all_is_proven() -> None:
    assert proven(lifted(PROGRAMS["base"])) == {
        "`a` and `b` share no memory",
        "`a` is a 1-dimensional float64 array",
        "`b` is a float64 array of shape (6,)",
    }


def test_lengths_that_are_certain_keep_their_names() -> None:
    """The author may choose another number of columns."""
    loops = [
        "    for j, v in enumerate(row):\n        out[i, j] = v - j\n",
        "    for j in range(len(row)):\n        out[i, j] = row[j] - j\n",
        "    for j in range(a.shape[1]):\n        out[i, j] = a[i, j] - j\n",
    ]
    start = "import numpy as np\na = np.ones((30, 40))\nout = np.zeros((30, 40))\nfor i, row in enumerate(a):\n"
    for loop in loops:
        assert "np.arange(a.shape[1])" in lifted(start + loop + "print(out)\n")["source"]


CALLED_ONCE = """import numpy as np

def first(x, k):
    s = 0.0
    for i in range(k):
        s += x[i] * x[i]
    return s

def shifted(x, start):
    y = np.zeros(len(x))
    for i in range(start, len(x)):
        y[i] = 2.0 * x[i - start]
    return y

def smooth(h, width):
    out = np.zeros(len(h))
    for i in range(width, len(h) - width):
        s = 0.0
        for j in range(-width, width + 1):
            s += h[i + j]
        out[i] = s / (2 * width + 1)
    return out

def backwards(x, last):
    y = np.zeros(len(x))
    for i in range(last, -1, -1):
        y[last - i] = x[i] + 1.0
    return y

h = np.arange(300.0)
print(first(h, 300), shifted(h, 0).sum(), smooth(h, 12).sum(), backwards(h, 299).sum())
"""


def test_numbers_of_the_only_call_do_not_become_text() -> None:
    """The cure is right for the calls that the author adds, too."""
    source = lifted(CALLED_ONCE)["source"]
    assert "s = x[:k] @ x[:k]" in source
    assert "y[start:] = 2.0 * x[: len(x) - start]" in source
    assert "out[width : len(h) - width] = (" in source
    body = source[: source.index("h = np.arange")]
    assert not any(number in body for number in ("300", "299", "288", "12"))


def test_numbers_that_a_proof_stands_on_are_told() -> None:
    found = proven(lifted(CALLED_ONCE))
    assert {"`k` is the int 300", "`x` is a float64 array of shape (300,)"} <= found


def test_an_int_that_an_array_was_made_with_is_its_length() -> None:
    """Not since the two are one number, but since one was made of the other."""
    source = """import numpy as np

N = 200

def whole(x):
    s = 0.0
    for i in range(N):
        s += x[i]
    return s

def square(kernel):
    rows, columns = kernel.shape
    other = np.zeros_like(kernel)
    for i in range(rows):
        for j in range(columns):
            other[i, j] = kernel[i, j] * kernel[i, j]
    return other

def alike(x, k):
    s = 0.0
    for i in range(k):
        s += x[i]
    return s

x = np.zeros(N)
x += 2.0
print(whole(x), alike(x, 200), square(np.ones((9, 9))))
"""
    found = lifted(source)
    assert "s = x.sum()" in found["source"] and "s = x[:k].sum()" in found["source"]
    assert "kernel * kernel" in found["source"]
    assert "`N` is `len(x)`" in proven(found)
