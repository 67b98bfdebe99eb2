"""What a user hears of functions that are not compiled.

A function that stays in Python still gives the right answer, so it is a warning, once for each function, at the place
that stands in the way; `kernel.explain()` has it at any time. Under `strict=True` it is an error with the same text.
"""

from __future__ import annotations

import linecache
import warnings
from types import FunctionType
from typing import Any

from numlift._causes import way_out


class NumliftWarning(UserWarning):
    """Something that numlift was asked to do and did not, with the reason."""


class CompileError(Exception):
    """Under `strict=True`: a function that cannot be compiled for the types it is called with."""


class StrictError(Exception):
    """Under `strict=True`: a call that met what machine code cannot do, and Python could."""


_reported: set[tuple[str, int, str]] = set()


def refused(
    function: FunctionType,
    options: dict[str, Any],
    reason: str,
    place: tuple[int, int, int, int] | None,
    cure: str | None,
) -> str:
    """Report that a function runs in Python, and return the reason as `explain` shows it."""
    path, line = function.__code__.co_filename, function.__code__.co_firstlineno
    text = reason
    if place is not None:
        line = place[0]
        text = f"line {line}: {reason}{pointed_at(function, place)}"
    cure = cure or way_out(reason)
    if cure:
        text += f"\n  {cure}"
    if options.get("strict"):
        raise CompileError(f"`{function.__qualname__}` ({path}:{line}) cannot be compiled: {text}")
    key = (path, line, reason)
    if key not in _reported and not options.get("quiet"):
        _reported.add(key)
        message = NumliftWarning(f"`{function.__qualname__}` runs in Python: {text}")
        warnings.warn_explicit(
            message,
            NumliftWarning,
            path,
            line,
            module=function.__module__,
            registry=function.__globals__.setdefault("__warningregistry__", {}),
        )
    return text


def pointed_at(function: FunctionType, place: tuple[int, int, int, int]) -> str:
    """Return the source line with what is meant underlined, in lines of their own; nothing where there is no source."""
    line = place[0]
    shown = linecache.getline(function.__code__.co_filename, line, function.__globals__).rstrip()
    if not shown:
        return ""
    last = place[3] if place[2] == line else len(shown.encode())
    return f"\n    {shown.lstrip()}\n    {_marked(shown, place[1], last)}"


def _marked(shown: str, start: int, end: int) -> str:
    """Return carets under the columns (in bytes) of a line without its indentation."""
    line = shown.encode()
    before = line[:start].decode(errors="replace")
    marked = line[start:end].decode(errors="replace")
    indent = len(shown) - len(shown.lstrip())
    return " " * (len(before) - indent) + "^" * max(1, len(marked))
