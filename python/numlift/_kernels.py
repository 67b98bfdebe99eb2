"""What a kernel does beside being called: how it looks, is pickled, and explains itself.

repr(kernel)         <numlift.jit function kernel, compiled for 2 kinds of arguments>
kernel.explain()     the kinds of arguments, what was compiled, where it is left, what runs in Python
pickle               by its module and name, as functions are; else as its function and options
"""

from __future__ import annotations

import inspect
import sys
from typing import Any


def represent(kernel: Any) -> str:
    """Return the kernel's `repr`; one that stands for a function unnoticed looks like it."""
    if kernel.watched is not None:
        return f"<function {kernel.__qualname__} at {id(kernel):#x}>"
    compiled = sum(1 for one in kernel.specializations if one["compiled"])
    kinds = "1 kind" if compiled == 1 else f"{compiled} kinds"
    return f"<numlift.jit function {kernel.__qualname__}, compiled for {kinds} of arguments>"


def signature(kernel: Any) -> inspect.Signature:
    """Return the signature of the kernel's function."""
    return inspect.signature(kernel.py_func)


def reduce(kernel: Any) -> str | tuple[Any, ...]:
    """Pickle by name where that finds the kernel again, else as its function with its options."""
    if kernel.watched is not None:
        return str(kernel.__qualname__)
    found: Any = sys.modules.get(kernel.__module__)
    for name in kernel.__qualname__.split("."):
        found = getattr(found, name, None)
    if found is kernel:
        return str(kernel.__qualname__)
    return rebuild, (kernel.py_func, dict(kernel.options))


def scipy(kernel: Any) -> Any:
    """The kernel as SciPy's routines call it without Python."""
    from numlift import _scipy

    return _scipy.low_level(kernel)


def rebuild(function: Any, options: dict[str, Any]) -> Any:
    """Make a kernel anew."""
    from numlift import _native

    return _native.jit(function, options)


class Explanation(str):
    """Text that an interactive session shows as it is, line by line."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def explain(kernel: Any) -> Explanation:
    """Say what the kernel was compiled for, and what was not compiled and why."""
    from numlift import _explain

    return Explanation(_explain.explained(kernel))
