"""What `strict=True` does where compiled code cannot go on: the statement at fault runs, and nothing behind it.

    s += n * n        # the int leaves 64 bits; Python would go on with a larger one

What the statement raises is the program's own exception, unless the program would have caught it. Where it raises
nothing, the call ends with a `StrictError` that says what compiled code met, where, and what helps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any, NoReturn

from numlift._causes import cause_of
from numlift._refusals import StrictError, pointed_at
from numlift._resume import Place, statement_alone
from numlift._resume_calls import Caller


def statement(
    function: FunctionType,
    place: Place,
    names: list[str],
    iterators: list[str],
    computed: list[tuple[Place, str]],
    callers: Sequence[Caller],
    reason: str,
) -> tuple[Callable[..., tuple[Any, ...]] | None, Callable[..., Any], Callable[[BaseException | None], None]]:
    """Return the arguments of a statement, what runs it, and what is called with what it raised."""
    arguments, run, is_caught = statement_alone(function, place, names, iterators, computed, callers)

    def over(raised: BaseException | None) -> None:
        if raised is None or is_caught:
            _stop(function, place, reason, raised)

    return arguments, run, over


def _stop(function: FunctionType, place: Place, reason: str, raised: BaseException | None) -> NoReturn:
    code = function.__code__
    if raised is not None:
        said = f": {raised}" if str(raised) else ""
        what, cure = f"{type(raised).__name__}{said}", "catch it in the function that calls this one"
        what += ", which is caught in Python"
    else:
        what, cure = cause_of(reason)
    raise StrictError(
        f"`{function.__qualname__}` ({code.co_filename}:{place[0]}) cannot go on in machine code: {what}"
        f"{pointed_at(function, place)}\n  {cure}"
    ) from raised
