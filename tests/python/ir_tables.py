"""Reads the tables of `numlift_ir` and runs what they talk about."""

from __future__ import annotations

import builtins
import math
import operator
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]

OPERATORS: dict[tuple[str, int], Callable[..., Any]] = {
    ("+", 2): operator.add,
    ("-", 2): operator.sub,
    ("*", 2): operator.mul,
    ("/", 2): operator.truediv,
    ("//", 2): operator.floordiv,
    ("%", 2): operator.mod,
    ("**", 2): operator.pow,
    ("&", 2): operator.and_,
    ("|", 2): operator.or_,
    ("^", 2): operator.xor,
    ("<<", 2): operator.lshift,
    (">>", 2): operator.rshift,
    ("<", 2): operator.lt,
    ("<=", 2): operator.le,
    (">", 2): operator.gt,
    (">=", 2): operator.ge,
    ("==", 2): operator.eq,
    ("!=", 2): operator.ne,
    ("+", 1): operator.pos,
    ("-", 1): operator.neg,
    ("~", 1): operator.invert,
    ("not", 1): operator.not_,
}

ASTYPE = {"to_bool": np.bool_, "to_int": np.int64, "to_float": np.float64, "to_complex": np.complex128}


class Tables(dict[str, list[list[str]]]):
    """The dump, by the first word of its lines."""

    def __init__(self, text: str) -> None:
        super().__init__()
        for line in text.splitlines():
            kind, *fields = line.split("\t")
            self.setdefault(kind, []).append(fields)
        self.functions = {fields[0]: fields for fields in self["function"]}

    def fits(self, name: str, flavour: str, types: list[str]) -> bool:
        """Whether the flavour has this function and takes such operands."""
        _, _, python, in_math, _, _ = self.functions[name]
        numpy_scalar = any(ty.startswith("np.") for ty in types)
        match flavour:
            case "py":
                return python != "-" and not numpy_scalar
            case "np":
                return python != "-" and numpy_scalar
            case "math":
                return in_math != "-"
            case _:
                return True


def load() -> Tables:
    """Builds and runs the example that prints the tables."""
    command = ["cargo", "run", "--quiet", "--package", "numlift_ir", "--example", "dump_tables"]
    return Tables(subprocess.run(command, cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE).stdout)


def apply(tables: Tables, name: str, flavour: str, operands: tuple[Any, ...]) -> Any:
    """Computes one function in one flavour."""
    _, arity, python, in_math, in_numpy, _ = tables.functions[name]
    match flavour:
        case "math":
            return getattr(math, in_math)(*operands)
        case "ufunc" if in_numpy == "-":
            return np.asarray(operands[0]).astype(ASTYPE[name])[()]
        case "ufunc":
            return getattr(np, in_numpy.split()[0])(*operands)
        case _:
            kind, spelling = python.split()
    match kind:
        case "operator":
            return OPERATORS[spelling, int(arity)](*operands)
        case "builtin":
            return getattr(builtins, spelling)(*operands)
        case "attribute":
            return getattr(operands[0], spelling)
        case _:
            return getattr(operands[0], spelling)()


def type_name(value: Any) -> str:
    """As the tables spell a type."""
    return f"np.{value.dtype.name}" if isinstance(value, np.generic | np.ndarray) else type(value).__name__


def instance(ty: str, value: Any) -> Any:
    """A Python or NumPy scalar of the type."""
    kind = np.dtype(ty.removeprefix("np.")).type if ty.startswith("np.") else getattr(builtins, ty)
    return kind(value)


FLOATS = [0.0, 1.0, 2.0, 3.0, 0.5, 1.5, 2.5, 0.1, math.pi, 7.0, 710.0, 1e10, 2.0**53 + 2, 2.0**63, 1e300, 1e-300]
FEW_FLOATS = [0.0, 1.0, 2.0, 0.5, 7.0, 1e300, 1e-300]
INTS = [0, 1, 2, 3, 7, 8, 10, 63, 64, 100, 1000, 2**31, 2**53 + 1]
FEW_INTS = [0, 1, 2, 7, 63, 64]


def values(ty: str, few: bool = False) -> list[Any]:
    """Ordinary and hostile values of a type."""
    dtype = np.dtype({"int": "int64", "float": "float64", "complex": "complex128"}.get(ty, ty.removeprefix("np.")))
    match dtype.kind:
        case "b":
            found: list[Any] = [False, True]
        case "i" | "u":
            limits = np.iinfo(dtype)
            magnitudes = FEW_INTS if few else INTS
            candidates = [sign * value for value in magnitudes for sign in (1, -1)]
            candidates += [limits.min, limits.min + 1, limits.max, limits.max - 1]
            found = sorted({value for value in candidates if limits.min <= value <= limits.max})
            if ty == "int":
                found += [2**70, -(2**70), 10**400]
        case "f":
            found = float_values(dtype, few)
        case _:
            part = np.dtype("float32" if dtype.name == "complex64" else "float64")
            parts = float_values(part, True)
            some = [0.0, -0.0, 1.0, -0.5, 2.0, math.inf, -math.inf, math.nan, float(np.finfo(part).max)]
            found = [complex(a, b) for a in (some if few else parts) for b in (some[::2] if few else parts)]
    with np.errstate(all="ignore"):
        return [instance(ty, value) for value in found]


def float_values(dtype: np.dtype[Any], few: bool) -> list[float]:
    """Both signs of everything, without what the dtype turns into infinity."""
    info = np.finfo(dtype)
    found = [float(info.max), float(info.tiny), float(info.smallest_subnormal), math.inf]
    found += [value for value in (FEW_FLOATS if few else FLOATS) if value < float(info.max)]
    return [sign * value for value in found for sign in (1, -1)] + [math.nan]
