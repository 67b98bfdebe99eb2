"""Values that are used twice, at many levels: nothing walks, or writes, the tree that they would unfold to.

    v = v * v - v          forty times: 40 operations, and 2**40 paths through them

Each program has twenty-four levels, of which a walk along all paths takes minutes where one that looks at every value
once takes milliseconds; so what is wrong here fails, and does not hang.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pytest

TESTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "generator"))

from lifting import Program, lift  # noqa: E402

LEVELS = 24
SECONDS = 2.0
SQUARE = "v = v * v - v"
VECTOR = np.linspace(0.1, 0.9, 50)
MATRIX = np.full((20, 3), 0.5)
TOO_LONG = "a test at the entry that would be too long to read"

# Where `v` starts, a level, what is done with the result, the argument.
LOOPS = {
    "stored": ("x[i]", SQUARE, "out[i] = v", VECTOR),
    "logarithm": ("x[i]", SQUARE, "out[i] = math.log(abs(v) + 1.0)", VECTOR),
    "root": ("x[i]", SQUARE, "out[i] = math.sqrt(v + 5.0)", VECTOR),
    "root of a sum": ("x[i]", "v = v + v", "out[i] = math.sqrt(v)", VECTOR),
    "root of squares": ("x[i]", "v = v * v + v * v", "out[i] = math.sqrt(v)", VECTOR),
    "divisor": ("x[i]", SQUARE, "out[i] = 1.0 / v", VECTOR.tolist()),
    "power": ("x[i]", SQUARE, "out[i] = v ** 0.5", VECTOR),
    "python ints": ("i % 2", SQUARE, "out[i] = v", VECTOR),
    "subscript": ("i", "v = v + v - v", "out[i] = x[v]", VECTOR),
    "doubled subscript": ("i", "v = 2 * v", "out[i] = x[v - v]", VECTOR),
    "whole part": ("x[i]", SQUARE, "out[i] = int(v)", VECTOR),
    "least": ("x[i]", "v = min(v, v)", "out[i] = math.sqrt(v)", VECTOR),
    "condition": ("x[i] > 0.5", "v = v and v", "if v: out[i] = 1.0", VECTOR),
    "conditions": ("x[i] > 0.5", "v = (v and x[i] > 0.1) or v", "if v: out[i] = 1.0", VECTOR),
    "under a condition": ("x[i]", SQUARE, "if v > 0.5: out[i] = math.log(v)", VECTOR),
    "sum": ("x[i]", SQUARE, "out[0] += v", VECTOR),
    "greatest": ("x[i]", SQUARE, "if v > out[0]: out[0] = v", VECTOR),
    "choice": ("x[i]", "v = v * 2.0 if v > 0.5 else v + 0.25", "out[i] = v", VECTOR),
    "choice of what may raise": ("x[i]", "v = 1.0 / v if v > 0.5 else v + 0.25", "out[i] = v", VECTOR.tolist()),
    "one choice for all": ("x[i]", "v = v * 2.0 if len(x) > 9 else v + 1.0", "out[i] = v", VECTOR),
    "equal branches": ("x[i]", "v = v if x[i] > 0.5 else v", "out[i] = v", VECTOR),
    "row": ("x[i]", SQUARE, "out[i] = v.sum()", MATRIX),
    "row and its reverse": ("x[i]", "v = v[::-1] * v", "out[i] = v[0]", MATRIX),
    "row times its first": ("x[i]", "v = v[:1] * v", "out[i] = v[0]", MATRIX),
    "chosen row": ("x[i]", "v = np.where(v > 0, v, v)", "out[i] = v @ v", MATRIX),
}


def loop(start: str, level: str, last: str) -> str:
    levels = f"        {level}\n" * LEVELS
    head = "import math\nimport numpy as np\n\n\ndef f(x):\n    out = np.zeros(len(x))\n"
    return f"{head}    for i in range(len(x)):\n        v = {start}\n{levels}        {last}\n    return out\n"


def lifted(source: str, **arguments: object) -> str:
    """What was found, in time."""
    before = time.perf_counter()
    found = lift(Program(source, "f"), [arguments])
    assert time.perf_counter() - before < SECONDS
    return str(found.source or found.why_not())


@pytest.mark.parametrize("name", LOOPS)
def test_loop(name: str) -> None:
    start, level, last, x = LOOPS[name]
    lifted(loop(start, level, last), x=x)


def test_a_test_that_would_be_too_long_is_why_a_loop_stays() -> None:
    assert TOO_LONG in lifted(loop(*LOOPS["logarithm"][:3]), x=VECTOR)


def test_a_value_computed_twice() -> None:
    source = loop("x[i]", SQUARE, "w = x[i]\n        @        out[i] = math.sqrt(v * w)")
    again = "w = w * w - w\n        " * LEVELS
    assert "np.sqrt" in lifted(source.replace("@        ", again), x=VECTOR)


def test_a_best_value_computed_twice() -> None:
    source = loop("x[i]", SQUARE, "w = x[i]\n        @        if w > best: best = v").replace(
        "out = np.zeros(len(x))", "best = 0.0"
    )
    again = "w = w * w - w\n        " * LEVELS
    lifted(source.replace("@        ", again).replace("return out", "return best"), x=VECTOR)


def test_an_extent() -> None:
    levels = "    n = n + n - n\n" * LEVELS
    source = (
        f"import math\nimport numpy as np\n\n\ndef f(x):\n    n = len(x)\n{levels}    out = np.zeros(n)\n"
        "    for i in range(n):\n        out[i] = math.log(x[i] + 1.0)\n    return out\n"
    )
    assert "np.log" in lifted(source, x=VECTOR)
