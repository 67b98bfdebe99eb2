"""The text that a function was compiled from.

    text_of(function)   ─►  (text of the whole file, "")   or   (None, why there is none)

A file may have changed since it was imported; then its text says something else than the function does, and compiling
it would be wrong. So the function is compiled again from the text, alone, and its bytecode compared.
"""

from __future__ import annotations

import linecache
from types import FunctionType
from weakref import WeakKeyDictionary

from numlift._function import Unfit, code_of, find


def text_of(function: FunctionType) -> tuple[str | None, str]:
    """Return the text of the function's file, or the reason why it cannot be used."""
    code = function.__code__
    linecache.checkcache(code.co_filename)
    text = kept_text(function)
    if not text:
        return None, f"the source of {code.co_filename} is not there"
    try:
        again = code_of(find(text, function), function)
    except Unfit as error:
        return None, str(error)
    same = again.co_code == code.co_code and again.co_names == code.co_names and again.co_varnames == code.co_varnames
    if not same or not _same_constants(again.co_consts, code.co_consts):
        return None, f"{code.co_filename} has changed since it was imported"
    _kept[function] = text
    return text, ""


def keep(function: FunctionType, text: str) -> None:
    """Take a text for the function's that is not its file's."""
    _kept[function] = text


def kept_text(function: FunctionType) -> str:
    """Return the text that a function was compiled from, whatever has become of its file meanwhile."""
    known = _kept.get(function)
    if known is not None:
        return known
    return "".join(linecache.getlines(function.__code__.co_filename, function.__globals__))


# What Python goes on with after an exit must fit the code that was left.
_kept: WeakKeyDictionary[FunctionType, str] = WeakKeyDictionary()


def _same_constants(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    if len(one) != len(other):
        return False
    for mine, yours in zip(one, other):
        if type(mine) is not type(yours):
            return False
        if isinstance(mine, tuple):
            if not _same_constants(mine, yours):  # type: ignore[arg-type]
                return False
        elif hasattr(mine, "co_code"):
            if mine.co_code != yours.co_code or not _same_constants(mine.co_consts, yours.co_consts):  # type: ignore[attr-defined]
                return False
        elif repr(mine) != repr(yours):
            return False
    return True
