"""Measures which elementary functions agree in the last bit on this machine.

NumPy chooses its loops by processor, dtype and stride, and scalar code calls the C library, so whether
``math.exp(x[i])``, ``np.exp(x[i])`` and ``np.exp(x)`` are the same function cannot be known from a table.
``python -m numlift._calibrate`` prints a line for each function, scalar flavour, dtype and stride class, with the
greatest difference that was seen, in units of the last place:

    exp  ufunc  float64  contiguous  0
    exp  math   float64  contiguous  1

Zero means the same bits on every value that was tried. A function that differs by more than rounding, or that the
flavour does not have, has no line, and what has no line is not taken to be exact. It takes some seconds, mostly for
calling scalar functions one value at a time.
"""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Function = Callable[..., Any]

VALUES = 30_000
# More than that is not rounding.
GREATEST = 64

UNARY = (
    "cbrt exp exp2 expm1 log log2 log10 log1p sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh"
).split()
NO_COMPLEX = {"cbrt"}
COMPLEX_ONLY = {"sqrt": np.sqrt, "square": np.square, "reciprocal": np.reciprocal, "rint": np.rint, "round": np.round}
BINARY = {
    "hypot": np.hypot,
    "arctan2": np.arctan2,
    "logaddexp": np.logaddexp,
    "logaddexp2": np.logaddexp2,
    "pow": np.power,
}
IN_MATH = {
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arcsinh": "asinh",
    "arccosh": "acosh",
    "arctanh": "atanh",
    "arctan2": "atan2",
}
POWERS: dict[str, tuple[float, Function]] = {
    "pow.square": (2, np.square),
    "pow.cube": (3, lambda x: x * x * x),
    "pow.sqrt": (0.5, np.sqrt),
    "pow.reciprocal": (-1, np.reciprocal),
}
LAYOUTS = ("contiguous", "strided", "reversed")


@dataclass(frozen=True)
class Sample:
    """So many random values; another seed gives others."""

    count: int
    seed: int

    def reals(self, dtype: str, operand: int = 0) -> Array:
        """Values of every magnitude, most of them where the functions are interesting."""
        rng = np.random.default_rng((self.seed, operand))
        info = np.finfo(dtype)
        low, high = math.log(float(info.tiny)), math.log(float(info.max))
        quarter = self.count // 4
        parts = [
            rng.standard_normal(quarter),
            rng.uniform(-1, 1, quarter),
            rng.uniform(0, 20, quarter),
            np.exp(rng.uniform(0.99 * low, 0.99 * high, quarter)) * rng.choice([-1, 1], quarter),
            np.array([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, float(info.max), float(info.smallest_subnormal)]),
        ]
        found = np.concatenate(parts)
        rng.shuffle(found)
        return found.astype(dtype)

    def complexes(self, dtype: str, operand: int = 0) -> Array:
        """Ordinary complex numbers; what infinities do is not a matter of rounding."""
        rng = np.random.default_rng((self.seed, operand))
        found = rng.standard_normal(self.count) + 1j * rng.standard_normal(self.count)
        return (found * np.exp(rng.uniform(-5, 5, self.count))).astype(dtype)


def laid_out(values: Array, layout: str) -> Array:
    """The same values in an array of that stride class."""
    if layout == "strided":
        wide = np.empty(3 * len(values), values.dtype)
        wide[::3] = values
        return wide[::3]
    return values[::-1].copy()[::-1] if layout == "reversed" else values


def one_by_one(function: Function, operands: tuple[list[Any], ...]) -> list[Any]:
    """The scalar results; ``None`` where Python raises or leaves the real numbers."""
    found: list[Any] = []
    for values in zip(*operands, strict=True):
        try:
            found.append(function(*values))
        except (ArithmeticError, ValueError):
            found.append(None)
    return found


def difference(given: Array, wanted: list[Any]) -> int | None:
    """The greatest difference in ulp; ``None`` where it is more than rounding."""
    real = given.dtype.kind == "f"
    kept = [k for k, value in enumerate(wanted) if value is not None and not (real and isinstance(value, complex))]
    a, b = given[kept], np.array([wanted[k] for k in kept], given.dtype)
    if real:
        same = ((a == b) & (np.signbit(a) == np.signbit(b))) | (np.isnan(a) & np.isnan(b))
        if np.any(~same & (np.isnan(a) | np.isnan(b) | (np.signbit(a) != np.signbit(b)))):
            return None
    else:
        same = (a.real == b.real) & (a.imag == b.imag)
    # Of complex numbers the last place is that of the absolute value.
    a, b = a[~same], b[~same]
    if not len(a):
        return 0
    wide = np.clongdouble if not real else np.longdouble
    ulps = np.abs(a.astype(wide) - b.astype(wide)) / np.spacing(np.maximum(np.abs(a), np.abs(b)))
    greatest = float(np.max(ulps)) if np.all(np.isfinite(ulps)) else math.inf
    return math.ceil(greatest) if greatest <= GREATEST else None


def measured(
    name: str, flavour: str, scalar: Function, array: Function, operands: tuple[Array, ...], python: bool
) -> Iterator[str]:
    """The lines of one function in one flavour."""
    scalars = tuple(values.tolist() if python else list(values) for values in operands)
    wanted = one_by_one(scalar, scalars)
    for layout in LAYOUTS:
        ulp = difference(array(*(laid_out(values, layout) for values in operands)), wanted)
        if ulp is not None:
            yield f"{name}\t{flavour}\t{operands[0].dtype.name}\t{layout}\t{ulp}"


def unary_lines(sample: Sample) -> Iterator[str]:
    for name in UNARY:
        ufunc = getattr(np, name)
        for dtype in ("float16", "float32", "float64"):
            yield from measured(name, "ufunc", ufunc, ufunc, (sample.reals(dtype),), False)
        in_math = getattr(math, IN_MATH.get(name, name), None)
        if in_math:
            yield from measured(name, "math", in_math, ufunc, (sample.reals("float64"),), True)


def binary_lines(sample: Sample) -> Iterator[str]:
    for name, ufunc in BINARY.items():
        for dtype in ("float16", "float32", "float64"):
            operands = sample.reals(dtype), sample.reals(dtype, 1)
            yield from measured(name, "ufunc", ufunc, ufunc, operands, False)
        operands = sample.reals("float64"), sample.reals("float64", 1)
        in_math = getattr(math, IN_MATH.get(name, name), None)
        if in_math:
            yield from measured(name, "math", in_math, ufunc, operands, True)
    operands = sample.reals("float64"), sample.reals("float64", 1)
    yield from measured("float_power", "ufunc", np.float_power, np.float_power, operands, False)


def power_lines(sample: Sample) -> Iterator[str]:
    """Powers with a literal exponent, in each flavour and form; the base is neither zero nor infinite."""
    flavours: list[tuple[str, Function, bool]] = [
        ("np", lambda x, exponent: x**exponent, False),
        ("py", lambda x, exponent: x**exponent, True),
        ("math", math.pow, True),
        ("ufunc", np.power, False),
    ]
    for flavour, power, python in flavours:
        for dtype in ("float64",) if python else ("float16", "float32", "float64"):
            values = sample.reals(dtype)
            values = values[(values != 0) & np.isfinite(values)]
            for form, (exponent, array) in POWERS.items():
                base = (np.abs(values) if exponent == 0.5 else values,)
                yield from measured(form, flavour, bind(power, exponent), array, base, python)
            # No short cuts for these, whatever the exponent; a third of the values for each of three.
            parts = list(zip((3, 1.5, -2), np.array_split(values, 3), strict=True))
            forms: dict[str, Function] = {"pow.uniform": np.power}
            if dtype == "float64":
                forms["pow.float_power"] = np.float_power
                parts += [(2, values)]
            for form, array in forms.items():
                kept = [part for part in parts if form == "pow.float_power" or part[0] != 2]
                each = [
                    list(measured(form, flavour, bind(power, e), bind(array, e), (part,), python)) for e, part in kept
                ]
                yield from worst(each)
            if flavour != "ufunc":
                general = values, np.resize(values[values < 1e4], len(values))
                yield from measured("pow", flavour, power, np.power, general, python)


def worst(measurements: list[list[str]]) -> Iterator[str]:
    """The greatest of several measurements of the same function; no line where one is missing."""
    by_key: dict[str, list[int]] = {}
    for lines in measurements:
        for line in lines:
            key, _, ulp = line.rpartition("\t")
            by_key.setdefault(key, []).append(int(ulp))
    for key, ulps in by_key.items():
        if len(ulps) == len(measurements):
            yield f"{key}\t{max(ulps)}"


def bind(power: Function, exponent: float) -> Function:
    return lambda x: power(x, exponent)


def complex_lines(sample: Sample) -> Iterator[str]:
    for dtype in ("complex64", "complex128"):
        values, others = sample.complexes(dtype), sample.complexes(dtype, 1)
        functions = {name: getattr(np, name) for name in UNARY if name not in NO_COMPLEX} | COMPLEX_ONLY
        for name, ufunc in functions.items():
            yield from measured(name, "ufunc", ufunc, ufunc, (values,), False)
        yield from measured("abs", "ufunc", np.abs, np.abs, (values,), False)
        yield from measured("abs", "np", abs, np.abs, (values,), False)
        yield from measured("mul", "ufunc", np.multiply, np.multiply, (values, others), False)
        yield from measured("mul", "np", lambda a, b: a * b, np.multiply, (values, others), False)
    values, others = sample.complexes("complex128"), sample.complexes("complex128", 1)
    yield from measured("abs", "py", abs, np.abs, (values,), True)
    yield from measured("mul", "py", lambda a, b: a * b, np.multiply, (values, others), True)


def lines(count: int = VALUES, seed: int = 0) -> list[str]:
    """All measurements, with so many values each."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        parts = (unary_lines, binary_lines, power_lines, complex_lines)
        return [line for part in parts for line in part(Sample(count, seed))]


if __name__ == "__main__":
    print("\n".join(lines(int(sys.argv[1]) if len(sys.argv) > 1 else VALUES)))
