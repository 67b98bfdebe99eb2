"""One call under CPython, the same call compiled, and what differs between them.

    differences(function, arguments)      a list of sentences, empty where both did the same

Held against each other are results (type, dtype, shape, value), the arguments afterwards, which arrays of the result
share memory with which arguments, what was printed, the exception's type and message, the warnings with their lines
(each once), and
the number of references to each argument. Values are the same by class (docs/ir.md): bits, or a few units in the last
place where the case says so.
"""

from __future__ import annotations

import contextlib
import copy
import io
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numlift
import numpy as np


@dataclass
class Ending:
    """What a call did, as far as a program can see it."""

    result: Any = None
    raised: tuple[str, str] | None = None
    printed: str = ""
    warned: list[str] = field(default_factory=list)
    arguments: tuple[Any, ...] = ()
    # References to each array that the call left behind; its result's own are gone by then.
    kept: tuple[int, ...] = ()
    shared: list[tuple[int, int]] = field(default_factory=list)


def ending_of(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Ending:
    """The call's ending, on arguments of its own (arrays that overlap go on overlapping)."""
    arguments = own(arguments)
    ending = Ending(arguments=arguments)
    printed = io.StringIO()
    result = None
    before = [sys.getrefcount(argument) for argument in arguments]
    with warnings.catch_warnings(record=True) as caught, contextlib.redirect_stdout(printed):
        warnings.simplefilter("always")
        try:
            result = function(*arguments)
        except Exception as error:
            ending.raised = (type(error).__name__, str(error))
    ending.result = own((result,))[0]
    ending.shared = sharing(result, arguments)
    del result
    after = [sys.getrefcount(argument) for argument in arguments]
    ending.kept = tuple(
        now - then for argument, now, then in zip(arguments, after, before, strict=True) if arrays_in(argument)
    )
    ending.printed = printed.getvalue()
    ending.warned = sorted({told_of(one) for one in caught if one.category is not numlift.NumliftWarning})
    return ending


def told_of(one: warnings.WarningMessage) -> str:
    """A warning as a person sees it; where NumPy's own Python code is said to be the place, only its text."""
    if f"{Path(np.__file__).parent}" in one.filename:
        return f"{one.category.__name__}: {one.message}"
    return f"{Path(one.filename).name}:{one.lineno}: {one.category.__name__}: {one.message}"


def own(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """A deep copy that keeps strides, order, read-onliness, and what shares memory with what."""
    bases: dict[int, tuple[np.ndarray, np.ndarray]] = {}
    return tuple(_own(value, bases) for value in values)


def _own(value: Any, bases: dict[int, tuple[np.ndarray, np.ndarray]]) -> Any:
    if type(value) in (tuple, list):
        return type(value)(_own(item, bases) for item in value)
    if isinstance(value, np.memmap) or type(value) is not np.ndarray:
        return copy.deepcopy(value)
    base = value
    while isinstance(base.base, np.ndarray):
        base = base.base
    if not (base.flags.c_contiguous or base.flags.f_contiguous):
        return value.copy()
    _, twin = bases.setdefault(id(base), (base, base.copy(order="K")))
    offset = value.__array_interface__["data"][0] - base.__array_interface__["data"][0]
    if value.size == 0:
        made = np.empty(value.shape, value.dtype)
    else:
        made = np.ndarray(value.shape, value.dtype, twin, offset, value.strides)
    made.flags.writeable = value.flags.writeable
    return made


def arrays_in(value: Any) -> list[np.ndarray]:
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, tuple | list):
        return [array for item in value for array in arrays_in(item)]
    return []


def sharing(result: Any, arguments: tuple[Any, ...]) -> list[tuple[int, int]]:
    """Which arrays of a result share memory with which arrays of the arguments, by their numbers."""
    return [
        (one, other)
        for one, array in enumerate(arrays_in(result))
        for other, argument in enumerate(arrays_in(arguments))
        if np.may_share_memory(array, argument)
    ]


def differences(
    function: Callable[..., Any], arguments: tuple[Any, ...], ulp: int = 0, kernel: Any = None
) -> list[str]:
    kernel = numlift.jit(function) if kernel is None else kernel
    return told(ending_of(function, arguments), ending_of(kernel, arguments), ulp)


def told(python: Ending, compiled: Ending, ulp: int = 0) -> list[str]:
    """What differs between two endings."""
    found = []
    if python.raised != compiled.raised:
        found.append(f"raised {compiled.raised or compiled.result}, in Python {python.raised or python.result}")
    elif python.raised is None and not same(python.result, compiled.result, ulp):
        found.append(f"gave {shown(compiled.result)}, in Python {shown(python.result)}")
    for number, (one, other) in enumerate(zip(python.arguments, compiled.arguments, strict=True)):
        if not same(one, other, ulp):
            found.append(f"left argument {number} as {shown(other)}, in Python {shown(one)}")
    if python.shared != compiled.shared:
        found.append(f"the result shares memory {compiled.shared}, in Python {python.shared}")
    if python.printed != compiled.printed:
        found.append(f"printed {compiled.printed!r}, in Python {python.printed!r}")
    # NumPy's own Python code is the place of some; ours is the program's line.
    inside = {text for text in python.warned if text.startswith("RuntimeWarning")}
    warned = sorted({text.split(": ", 1)[1] if text.split(": ", 1)[1] in inside else text for text in compiled.warned})
    if python.warned != warned:
        found.append(f"warned {compiled.warned}, in Python {python.warned}")
    # A traceback may keep them for a moment longer.
    if python.raised is None and python.kept != compiled.kept:
        found.append(f"left {compiled.kept} references behind, in Python {python.kept}")
    return found


def same(one: Any, other: Any, ulp: int = 0) -> bool:
    """Whether two values have the same types, dtypes, shapes, and the same numbers up to some last places."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return (
            one.dtype == other.dtype
            and one.shape == other.shape
            and (one.flags.writeable == other.flags.writeable)
            and near(one, other, ulp)
        )
    if isinstance(one, np.generic):
        return one.dtype == other.dtype and near(np.asarray(one), np.asarray(other), ulp)
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(same(a, b, ulp) for a, b in zip(one, other, strict=True))
    if isinstance(one, dict):
        return list(one) == list(other) and same(list(one.values()), list(other.values()), ulp)
    if isinstance(one, float | complex):
        return near(np.asarray(one), np.asarray(other), ulp)
    if isinstance(one, int | str | None):
        return bool(one == other)
    return type(one).__module__ not in ("builtins", "numpy") or bool(one == other)


def near(one: np.ndarray, other: np.ndarray, ulp: int) -> bool:
    if one.dtype.kind == "c":
        return near(one.real, other.real, ulp) and near(one.imag, other.imag, ulp)
    if one.dtype.kind != "f":
        return bool(np.array_equal(one, other))
    nan = np.isnan(one)
    if not np.array_equal(nan, np.isnan(other)):
        return False
    a, b = one[~nan], other[~nan]
    finite = np.isfinite(a) & np.isfinite(b)
    if not np.array_equal(a[~finite], b[~finite]) or not np.array_equal(np.signbit(a), np.signbit(b)):
        return False
    a, b = a[finite], b[finite]
    if ulp == 0:
        return bool(np.array_equal(a, b))
    if ulp >= 1 << 20:
        return bool(np.allclose(a, b, rtol=1e-9, atol=1e-300))
    with np.errstate(all="ignore"):
        return bool(np.all(np.abs(a - b) <= ulp * np.spacing(np.maximum(np.abs(a), np.abs(b)))))


def shown(value: Any) -> str:
    if isinstance(value, np.ndarray):
        text = f"{value.dtype}{list(value.shape)} {value.tolist()!r}"
    elif isinstance(value, tuple | list):
        text = f"{type(value).__name__}({', '.join(map(shown, value))})"
    elif isinstance(value, float | complex) and not isinstance(value, np.generic):
        text = repr(value)
    else:
        text = f"{type(value).__name__} {value!r}"
    return text if len(text) < 400 else text[:400] + "…"


def how(kernel: Any) -> tuple[bool, list[str], str]:
    """Whether every set of types was compiled, the pieces that run in Python, and why not."""
    made = kernel.specializations
    islands = [str(piece) for one in made for piece in one.get("islands", [])]
    reasons = [str(one.get("reason")) for one in made if not one["compiled"]]
    return bool(made) and not reasons, islands, "; ".join(reasons) or ("" if made else "nothing was compiled")


__all__ = ["differences", "ending_of", "how", "same", "shown", "told"]
