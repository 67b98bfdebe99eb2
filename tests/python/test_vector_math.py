"""The vector math: its error against mpmath, its special values and floating-point flags against NumPy's, and that a
number's result does not depend on how many are computed at once. It takes some fifteen seconds because it compiles
every function for both precisions, and for machines with and without a fused multiply-add.

`tests/math/accuracy.py` does the first for as many arguments as one likes.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import itertools
import platform
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "math"))

from accuracy import asked, largest, wanted
from definitions import ARITY, PRECISIONS, Compiled, bounds
from every_float32 import largest as largest_of_float32
from exact import EXPONENTS

COUNT = 1500
NUMPY = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2", "pow": "power"} | {
    "asinh": "arcsinh",
    "acosh": "arccosh",
    "atanh": "arctanh",
}
FUNCTIONS = [(function, precision) for function in ARITY for precision in PRECISIONS]

# Invalid, divide by zero, overflow.
FLAGS = {"x86_64": (1, 4, 8), "aarch64": (1, 2, 4)}.get(platform.machine())
EVENTS = ("invalid value", "divide by zero", "overflow")


@cache
def sample(function: str, precision: str) -> tuple[list[Any], list[Any]]:
    columns = asked(function, precision, COUNT)
    return columns, wanted(function, columns)


@pytest.mark.parametrize("fma", [True, False])
@pytest.mark.parametrize(("function", "precision"), FUNCTIONS)
def test_error_is_within_the_announced_bound(function: str, precision: str, fma: bool) -> None:
    columns, exacts = sample(function, precision)
    compiled = Compiled(function, precision, fma=fma)
    error, place = largest(compiled(*columns), exacts, columns, precision)
    assert error <= bounds()[function, precision], place


@pytest.mark.parametrize("function", ["exp", "exp2", "log", "log2", "log10", "sin", "cos"])
def test_error_over_all_exponents_of_float32(function: str) -> None:
    """What is computed in float alone, over every 4099th float32; the command takes all of them."""
    error, place, _ = largest_of_float32(function, 4099)
    assert error <= bounds()[function, "f32"], place


@pytest.mark.parametrize(("function", "precision"), FUNCTIONS)
def test_same_bits_however_many_at_once(function: str, precision: str) -> None:
    columns = [column[:200] for column in sample(function, precision)[0]]
    widest = Compiled(function, precision, width=512)
    whole = widest(*columns)
    assert widest.lanes() > 1
    one = [widest.one(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]
    pieces = [widest(*(column[at : at + 13] for column in columns)) for at in range(0, columns[0].size, 13)]
    narrow = Compiled(function, precision, width=128)(*columns)
    for other in (np.array(one, whole.dtype), np.concatenate(pieces), narrow):
        assert other.tobytes() == whole.tobytes()


def special(dtype: Any) -> Any:
    info = np.finfo(dtype)
    sizes = [0.0, 0.5, 1, 2, 2.5, 3, 88, 89, 100, 700, 709, 1000, 1e10, 2.0**52 + 0.5, 2.0**53, 2.0**64, 1e30]
    sizes += [info.tiny, info.smallest_subnormal, info.max, 1 + info.eps, 1 - info.eps / 2, 1e-10, np.inf, np.nan]
    return np.array([sign * size for size in sizes for sign in (1, -1)], dtype)


def raised_by_numpy(function: str, columns: list[Any]) -> tuple[Any, set[str]]:
    seen: set[str] = set()
    with np.errstate(all="call", under="ignore", call=lambda event, _: seen.add(event)):
        if function in EXPONENTS:
            # As an array: NumPy has other ways for one exponent.
            exponent = np.full(columns[0].shape, EXPONENTS[function], columns[0].dtype)
            return np.power(columns[0], exponent), seen
        return getattr(np, NUMPY.get(function, function))(*columns), seen


@pytest.mark.skipif(FLAGS is None, reason="how this machine numbers its flags is not known here")
@pytest.mark.parametrize(("function", "precision"), FUNCTIONS)
def test_special_values_and_flags_are_numpys(function: str, precision: str) -> None:
    compiled = Compiled(function, precision)
    libm = ctypes.CDLL(ctypes.util.find_library("m"))
    values = special(compiled.dtype)
    for row in itertools.product(values, repeat=ARITY[function]):
        columns = [np.full(16, number) for number in row]
        out = np.empty_like(columns[0])
        libm.feclearexcept(sum(FLAGS or ()))
        compiled.loop(*(column.ctypes.data for column in columns), out.ctypes.data, out.size)
        raised = libm.fetestexcept(sum(FLAGS or ()))
        numpys, events = raised_by_numpy(function, columns)
        got, other = out[0], numpys[0]
        # A last place is a matter of the bound; what is special is the same to the bit.
        if np.isfinite(other) and other != 0 and np.isfinite(got):
            assert np.signbit(got) == np.signbit(other), row
            np.testing.assert_allclose(got, other, rtol=4 * np.finfo(values.dtype).eps, atol=0, err_msg=str(row))
        else:
            np.testing.assert_array_equal(got, other, err_msg=str(row))
            assert np.isnan(got) or np.signbit(got) == np.signbit(other), row
        if function == "pow" and np.isinf(row[1]):
            continue  # NumPy says overflow of some that are infinite exactly.
        assert {event for event, flag in zip(EVENTS, FLAGS or (), strict=True) if raised & flag} == events, row
