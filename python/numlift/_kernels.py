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


def explain(kernel: Any) -> str:
    """Say what the kernel was compiled for, and what was not compiled and why."""
    lines = [f"{kernel.__module__}.{kernel.__qualname__}"]
    known = kernel.specializations
    if not known:
        lines.append("  not called yet: it is compiled at the first call, for the types of its arguments")
    for one in known:
        types = ", ".join(f"{name}: {text}" for name, text in one["types"].items())
        lines.append(f"({types})")
        lines.extend(f"  {line}" for line in _about(one))
    return "\n".join(lines)


def _about(one: dict[str, Any]) -> list[str]:
    calls = "1 call" if one["calls"] == 1 else f"{one['calls']} calls"
    if not one["compiled"]:
        return [f"runs in Python ({calls}): {one['reason']}"]
    where = "compiled" if one["origin"] == "compiled" else "from the cache"
    lines = [f"machine code, {one['bytes']} bytes, {where}; {calls}"]
    if one["given_up"]:
        lines.append("runs in Python from here on: nearly every call left the machine code")
    lines.extend(one["explanation"].splitlines())
    for line, reason, times in one["exits"]:
        if times:
            lines.append(f"line {line}: left {times} times for Python: {reason}")
    for line, _, reason, times in one["islands"]:
        lines.append(f"line {line}: Python ran here {times} times: {reason}")
    return lines
