"""Floating-point events of compiled code, told as NumPy tells of its own.

A warning has the text that NumPy gives it and the line of the operation, so that filters, `np.errstate` and the
once-for-each-line rule of the `warnings` module see what they would see in Python.
"""

from __future__ import annotations

import warnings
from types import FunctionType

# In the order in which NumPy tells of them, with their bits.
_EVENTS = (
    (1, "divide", "divide by zero"),
    (2, "over", "overflow"),
    (4, "under", "underflow"),
    (8, "invalid", "invalid value"),
)


def tell(function: FunctionType, told: list[tuple[int, str, int]]) -> None:
    """Do what `np.errstate` asks for about events: each with its line, its operation and its bits."""
    import numpy as np

    asked = np.geterr()
    for line, what, events in told:
        for bit, kind, name in _EVENTS:
            how = asked[kind]  # type: ignore[literal-required]
            if events & bit and how != "ignore":
                _tell_of(function, line, f"{name} encountered in {what}", how, (name, events))


def _tell_of(function: FunctionType, line: int, text: str, how: str, call: tuple[str, int]) -> None:
    import numpy as np

    if how == "warn":
        code = function.__code__
        warnings.warn_explicit(
            text,
            RuntimeWarning,
            code.co_filename,
            line or code.co_firstlineno,
            module=function.__globals__.get("__name__") or "<unknown>",
            registry=function.__globals__.setdefault("__warningregistry__", {}),
        )
    elif how == "raise":
        raise FloatingPointError(text)
    elif how == "print":
        print(f"Warning: {text}")
    else:
        handler = np.geterrcall()
        if how == "call" and callable(handler):
            handler(*call)
        elif handler is not None and hasattr(handler, "write"):
            handler.write(f"Warning: {text}\n")
