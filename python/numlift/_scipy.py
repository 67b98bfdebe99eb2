"""Kernels for SciPy's routines that call C functions.

    scipy.integrate.quad(f.scipy, 0.0, 1.0, args=(2.0,))        f(x, a) gives a number
    scipy.ndimage.generic_filter(image, f.scipy, size=3)        f(window) gives a number
    scipy.ndimage.generic_filter1d(image, f.scipy, 5)           f(line, out) fills `out`
    scipy.ndimage.geometric_transform(image, f.scipy)           f(coordinates) gives coordinates

Which of these a function is for is seen from what it can be compiled for. Routines that take Python functions
(`solve_ivp`, `odeint`, `minimize`, `root`) are given the kernel itself. An exception is raised when the routine has
returned; see `crates/numlift_py/src/jit/native.rs`.
"""

from __future__ import annotations

import importlib
import re
from typing import Any, Literal

Kind = Literal["numbers", "filter", "line", "transform"]

# Where a kernel keeps what it is for.
KIND = "__numlift_kind__"


def low_level(kernel: Any) -> Any:
    """The kernel as a `scipy.LowLevelCallable`."""
    from numlift import _native

    scipy: Any = importlib.import_module("scipy")

    # Asked once: seeing what a function is for takes about as long as compiling it. The function pointer is a new one
    # each time, since one that has failed in another thread stays as it is.
    if KIND not in kernel.__dict__:
        kernel.__dict__[KIND] = kind_of(kernel)
    return scipy.LowLevelCallable(_native.jit_native(kernel, kernel.__dict__[KIND]))


def kind_of(kernel: Any) -> Kind:
    """What a function can be called with from C; a `TypeError` that says why, for one that cannot."""
    from numlift import _native

    reasons = []
    found: list[tuple[int, Kind]] = []
    for kind, arguments in tried(len(kernel.__signature__.parameters)):
        try:
            read, _, llvm = _native.jit_stages(kernel, arguments)
        except (RuntimeError, ValueError) as error:
            reasons.append(str(error).strip().splitlines()[0])
        else:
            # A number that is indexed runs in Python.
            if gives_several(read) == (kind == "transform"):
                found.append((llvm.count("@nl_island(ptr %ctx"), kind))
    if found:
        return min(found, key=lambda one: one[0])[1]
    why = reasons[0] if reasons else "it has other parameters or results than SciPy's functions"
    raise TypeError(f"`{kernel.__qualname__}` cannot be called from C: {why}")


def gives_several(read: str) -> bool:
    """Whether a function gives a tuple, by what was read of it."""
    returned = re.findall(r"\breturn (%\d+)", read)
    return any(re.search(rf"{name}(?: \w+)? = tuple ", read) for name in returned)


def tried(parameters: int) -> list[tuple[Kind, list[Any]]]:
    """Arguments that a function of so many parameters may be meant for, numbers first."""
    import numpy as np

    kinds: list[tuple[Kind, list[Any]]] = []
    if parameters:
        kinds.append(("numbers", [0.5] * parameters))
    if parameters == 1:
        kinds.append(("filter", [np.ones(9)]))
        kinds.extend(("transform", [(1,) * rank]) for rank in (2, 3, 1))
    if parameters == 2:
        kinds.append(("line", [np.ones(9), np.ones(7)]))
    return kinds
