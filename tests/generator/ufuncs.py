"""Every ufunc over every dtype and pair of dtypes, compiled, against NumPy.

    python tests/generator/ufuncs.py                     all of them
    python tests/generator/ufuncs.py --count 500 --seed 3      so many, drawn

Operands are arrays of the values where something happens, every one beside every other; one of them may be a scalar of
NumPy's or of Python's, an array without axes, empty, or have strides. What comes out has to have the same dtype, shape
and bits, or be the same exception with the same words; warnings have the same words and line, and are exceptions under
`np.errstate(all="raise")`. Elementary functions may differ in the last place, and underflow need not be told.
"""

from __future__ import annotations

import argparse
import linecache
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Any

import numlift
import numpy as np
import quick
from compiled import DTYPES, edges
from numlift import _native

PYTHON = ["pybool", "pyint", "pyfloat", "pycomplex"]
UFUNCS = {
    name: function
    for name, function in sorted(vars(np).items())
    if isinstance(function, np.ufunc)
    and function.nout == 1
    and function.signature is None
    and name == function.__name__
}
# Beyond NumPy's own names, Python's operators on arrays.
OPERATORS = "+ - * / // % ** & | ^ << >> < <= > >= == !=".split()
# At most so many units in the last place from the nearest.
ELEMENTARY = set(
    "exp exp2 expm1 log log2 log10 log1p sin cos tan sinh cosh tanh arcsin arccos arctan arcsinh arccosh arctanh "
    "arctan2 power float_power hypot logaddexp logaddexp2 cbrt **".split()
)
# How the operands of two arrays lie.
SHAPES = ["arrays", "scalar right", "scalar left", "no axes", "empty", "strided", "matrices"]


@dataclass(frozen=True)
class Case:
    """A function of one or two types of operands."""

    name: str
    types: tuple[str, ...]
    shape: str

    @property
    def text(self) -> str:
        if self.name in OPERATORS:
            return f"a {self.name} b"
        return f"np.{self.name}({'a, b' if len(self.types) == 2 else 'a'})"


def cases() -> list[Case]:
    found = []
    for name, ufunc in UFUNCS.items():
        if ufunc.nin == 1:
            found += [
                Case(name, (dtype,), shape) for dtype in DTYPES for shape in ("arrays", "no axes", "empty", "strided")
            ]
    names = [*(name for name, ufunc in UFUNCS.items() if ufunc.nin == 2), *OPERATORS]
    for name, one, other in product(names, DTYPES, DTYPES):
        found += [Case(name, (one, other), shape) for shape in SHAPES]
    for name, one, other in product(names, DTYPES, PYTHON):
        found += [Case(name, (one, other), "scalar right"), Case(name, (other, one), "scalar left")]
    return found


def values(name: str) -> list[Any]:
    return [0j, 1 + 2j, complex(-0.0, 1.5)] if name == "pycomplex" else edges(name)


def operands(case: Case) -> Iterator[list[Any]]:
    """What a case is called with."""
    if len(case.types) == 1:
        array = np.array(values(case.types[0]))
        made = {"arrays": array, "empty": array[:0], "strided": np.repeat(array, 3)[::-2]}
        yield from ([made[case.shape]],) if case.shape in made else ([np.array(one)] for one in array)
        return
    one, other = (values(name) for name in case.types)
    match case.shape:
        case "scalar right":
            yield from ([np.array(one), value] for value in other)
        case "scalar left":
            yield from ([value, np.array(other)] for value in one)
        case "no axes":
            yield from ([np.array(a), np.array(b)] for a, b in zip(one, other, strict=False))
        case shape:
            a, b = np.repeat(np.array(one), len(other)), np.tile(np.array(other), len(one))
            match shape:
                case "empty":
                    a, b = a[:0], b[:0]
                case "strided":
                    a, b = np.repeat(a, 2)[::2], np.repeat(b[::-1].copy(), 3)[::-3]
                case "matrices":
                    a, b = np.array(one)[:, None], np.array(other)[None, :]
            yield [a, b]


def function(text: str, number: int) -> Callable[..., Any]:
    path = f"<ufuncs {number}>"
    parameters = "a, b" if " b" in text else "a"
    source = f"import numpy as np\n\n\ndef f({parameters}):\n    return {text}\n"
    linecache.cache[path] = (len(source), None, source.splitlines(True), path)
    names: dict[str, Any] = {}
    exec(compile(source, path, "exec"), names)
    found: Callable[..., Any] = names["f"]
    return found


def outcome(call: Callable[..., Any], given: list[Any], errors: str) -> tuple[Any, list[Any]]:
    """The value or the exception of a call, and its warnings."""
    # What underflows on the way to a result is the way's affair.
    under = "ignore" if errors == "raise" else "warn"
    with warnings.catch_warnings(record=True) as caught, np.errstate(all=errors, under=under):  # type: ignore[call-overload]
        warnings.simplefilter("always")
        try:
            value: Any = call(*given)
        except Exception as error:
            value = error
    told = {(one.category.__name__, str(one.message), one.lineno) for one in caught}
    return value, sorted(one for one in told if one[0] != "NumliftWarning")


def apart(case: Case, expected: Any, actual: Any, given: list[Any]) -> bool:
    """Whether two values differ."""
    both = isinstance(expected, FloatingPointError) and isinstance(actual, FloatingPointError)
    if both and (case.name in ELEMENTARY | {"nextafter"} or "pycomplex" in case.types):
        # Which of several events is the first, depends on the way.
        return False
    if isinstance(expected, Exception) or isinstance(actual, Exception):
        infinite = case.name in ("**", "power", "float_power")
        if infinite and any(np.any(np.isinf(operand)) for operand in given):
            return False
        return (type(expected), str(expected)) != (type(actual), str(actual))
    if type(expected) is not type(actual) or np.shape(expected) != np.shape(actual):
        return True
    one, other = np.asarray(expected), np.asarray(actual)
    if one.dtype != other.dtype:
        return True
    if one.dtype.kind == "c":
        parts = one.real.dtype
        one, other = (np.ascontiguousarray(array).view(parts) for array in (one, other))
    if one.dtype.kind != "f":
        return bool(np.any(one != other))
    different = ~((one == other) & (np.signbit(one) == np.signbit(other)) | np.isnan(one) & np.isnan(other))
    if case.name not in ELEMENTARY:
        return bool(np.any(different))
    with np.errstate(all="ignore"):
        last = np.spacing(np.maximum(np.abs(one), np.abs(other)))
        return bool(np.any(different & ~(np.abs(one - other) <= 4 * last)))


def told_alike(case: Case, expected: list[Any], actual: list[Any], given: list[Any]) -> bool:
    if case.name in ("**", "power", "float_power"):
        # Of infinite exponents NumPy's vector loops tell what its others do not, and `**` of roots and reciprocals.
        expected, actual = ([(one[0], one[1].split(" in ")[0]) for one in told] for told in (expected, actual))
        if any(np.any(np.isinf(operand)) for operand in given):
            return True
    if case.name in OPERATORS and "pycomplex" in case.types:
        # Python asks the array, by the other name.
        expected, actual = ([one[1].split(" in ")[0] for one in told] for told in (expected, actual))
    missing = [one for one in expected if one not in actual]
    return not set(actual) - set(expected) and all("underflow" in str(one) for one in missing)


def differences(case: Case, number: int, tally: Counter[str]) -> Iterator[str]:
    """What is not as NumPy has it."""
    python = function(case.text, number)
    kernel = _native.jit(python, {"always": True})
    for given in operands(case):
        for errors in ("warn", "raise"):
            (expected, warned), (actual, told) = (outcome(call, given, errors) for call in (python, kernel))
            what = f"{case.text} of {case.types}, {case.shape}, {given}, {errors}:\n"
            if apart(case, expected, actual, given):
                yield f"{what}  NumPy    {expected!r}\n  compiled {actual!r}"
            elif not told_alike(case, warned, told, given):
                yield f"{what}  NumPy warns    {warned}\n  compiled warns {told}"
    for one in kernel.specializations:
        in_python = not one["compiled"] or one["islands"]
        tally["in Python" if in_python else "machine code"] += 1
        if in_python:
            tally[f"in Python: {case.name}"] += 1


def run(seed: int, count: int | None) -> Iterator[str]:
    chosen = cases() if count is None else Random(seed).sample(cases(), count)
    tally: Counter[str] = Counter()
    for number, case in enumerate(chosen):
        yield from differences(case, number, tally)
        linecache.cache.pop(f"<ufuncs {number}>", None)
    show(tally)


def show(tally: Counter[str]) -> None:
    if __name__ == "__main__":
        print(dict(tally.most_common()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, help="so many cases, drawn; else all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--optimized", action="store_true", help="with LLVM's optimizer, as for everybody")
    parser.add_argument("--shown", type=int, default=3, help="how many differences of a function are shown")
    asked = parser.parse_args()
    warnings.simplefilter("ignore", numlift.NumliftWarning)
    quick.use(not asked.optimized)
    found: Counter[str] = Counter()
    for difference in run(asked.seed, asked.count):
        name = difference.split(" of ")[0]
        found[name] += 1
        if found[name] <= asked.shown:
            print(difference, flush=True)
    print(f"{found.total()} differences {dict(found.most_common())}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
