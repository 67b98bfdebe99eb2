"""How a call ended, as something that `==` compares: in every bit and type.

Values, the exception with its message and line, what was printed, the floating-point events that were warned of, what
the call did to its arguments, and which arrays share memory. Which of the many NaNs one is, nobody promises.
"""

from __future__ import annotations

import io
import signal
import sys
import traceback
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

import numpy as np

# Time of the processor that CPython may take for a program.
SECONDS = 1.0


def plain(value: Any, around: tuple[Any, ...] = ()) -> Any:
    """A value as something that `==` compares in every bit and type; a list may hold itself."""
    if isinstance(value, np.ndarray):
        if value.dtype.kind == "O":
            return ("objects", value.shape, [plain(item) for item in value.ravel().tolist()])
        return ("array", value.dtype.str, value.shape, bits(value))
    if isinstance(value, np.generic):
        return (type(value).__name__, bits(np.asarray(value)))
    if isinstance(value, tuple | list | deque):
        for depth, one in enumerate(around):
            if one is value:
                return ("itself", depth)
        return (type(value).__name__, [plain(item, (*around, value)) for item in value])
    if type(value).__name__ == "State":
        return ("State", [(name, plain(one)) for name, one in sorted(vars(value).items())])
    if isinstance(value, int) and value.bit_length() > 2000:
        return f"int of {value.bit_length()} bits, {value % 1_000_003}"
    return (type(value).__name__, repr(value))


def bits(value: Any) -> bytes:
    if value.dtype.kind == "f":
        value = np.where(np.isnan(value), np.array(np.nan, value.dtype), value)
    elif value.dtype.kind == "c":
        parts = np.ascontiguousarray(value)[..., None].view(value.real.dtype)
        value = np.where(np.isnan(parts), np.array(np.nan, parts.dtype), parts)
    return bytes(value.tobytes())


def sharing(result: Any, arguments: list[Any]) -> list[tuple[int, int]]:
    """Which arrays of a result lie in the memory of which arguments."""
    results = result if isinstance(result, tuple) else (result,)
    return [
        (place, other)
        for place, one in enumerate(results)
        if isinstance(one, np.ndarray) and one.size
        for other, argument in enumerate(arguments)
        if isinstance(argument, np.ndarray) and np.may_share_memory(one, argument)
    ]


def is_event_lost(expected: dict[str, Any], actual: dict[str, Any]) -> bool:
    """Whether something was warned of that compiled code was silent about."""
    return bool(set(expected["events"]) - set(actual["events"]))


def events(caught: list[warnings.WarningMessage]) -> list[tuple[str, str]]:
    """What was warned of: the kinds of events."""
    return sorted({(one.category.__name__, str(one.message).partition(" encountered")[0]) for one in caught})


def places(caught: list[warnings.WarningMessage], file: str) -> list[tuple[str, str, int]]:
    """What was warned of, in which words, and the lines of the program."""
    return sorted(
        {(one.category.__name__, str(one.message), one.lineno if one.filename == file else 0) for one in caught}
    )


def misplaced(expected: dict[str, Any], actual: dict[str, Any]) -> str:
    """Warnings that compiled code gives elsewhere. For programs without loops: of what stands in one, the processor may
    only tell that it was one of several operations, and so of the expressions of arrays that one line computes."""

    def found(told: list[tuple[str, str, int]]) -> set[tuple[str, str, int]]:
        return {(category, text.partition(" encountered")[0], line) for category, text, line in told}

    known = found(expected["told"])
    # NumPy's own Python code is the place of some.
    elsewhere = {(category, kind) for category, kind, line in known if line == 0}
    others = {one for one in found(actual["told"]) - known if one[:2] not in elsewhere}
    if not others or "raised" in expected:
        return ""
    return f"warnings:\n  CPython  {expected['told']}\n  compiled {actual['told']}"


def is_rounded_otherwise(expected: Any, actual: Any) -> bool:
    """Whether two outcomes are the same but for the last bits of floats."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        keys = (expected.keys() | actual.keys()) - {"told"}
        return all(is_rounded_otherwise(expected.get(key), actual.get(key)) for key in keys)
    if isinstance(expected, list | tuple) and isinstance(actual, list | tuple) and len(expected) == len(actual):
        dtype = _dtype_of(expected)
        if dtype is not None and expected[:-1] == actual[:-1]:
            return _are_near(np.frombuffer(expected[-1], dtype), np.frombuffer(actual[-1], dtype))
        if expected[:1] == actual[:1] == ("float",):
            return _are_near(np.array([float(expected[1])]), np.array([float(actual[1])]))
        return all(map(is_rounded_otherwise, expected, actual))
    return bool(expected == actual)


def _dtype_of(outcome: Any) -> np.dtype[Any] | None:
    """The dtype of the bytes that stand for an array or a number of NumPy's, if it is one of floats."""
    if not isinstance(outcome, tuple) or not outcome or not isinstance(outcome[-1], bytes):
        return None
    name = outcome[1] if outcome[0] == "array" else outcome[0]
    try:
        dtype = np.dtype(name)
    except TypeError:
        return None
    return dtype if dtype.kind in "fc" else None


def _are_near(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> bool:
    real = a.real.dtype
    a, b = a.view(real), b.view(real)
    with np.errstate(all="ignore"):
        near = np.abs(a - b) <= 2 * np.spacing(np.abs(a))
    return bool(np.all(near | (a == b) | np.isnan(a) & np.isnan(b)))


def hangs_on_depth(function: Callable[..., Any], arguments: list[Any]) -> bool:
    """Whether calls go as deep as they may: what ends them, and where that is caught, is an affair of whole frames."""
    depth = deepest = 0

    def count(_frame: Any, event: str, _arg: Any) -> None:
        nonlocal depth, deepest
        depth += {"call": 1, "return": -1}.get(event, 0)
        deepest = max(deepest, depth)

    sys.setprofile(count)
    try:
        ended(function, arguments)
    finally:
        sys.setprofile(None)
    return deepest > sys.getrecursionlimit() // 2


def lines(entries: traceback.StackSummary | list[traceback.FrameSummary]) -> list[int | None]:
    """The lines of a traceback. Compiled calls of a function by itself leave no trace but the innermost."""
    following = [*[entry.name for entry in entries], None][1:]
    return [entry.lineno for entry, after in zip(entries, following, strict=True) if entry.name != after]


def ended(function: Callable[..., Any], arguments: list[Any]) -> dict[str, Any]:
    """How a call ended, and what the arguments are behind it."""
    printed = io.StringIO()
    outcome: dict[str, Any] = {}
    with warnings.catch_warnings(record=True) as caught, redirect_stdout(printed):
        warnings.simplefilter("always")
        try:
            result = function(*arguments)
            outcome["returned"] = plain(result)
            outcome["sharing"] = sharing(result, arguments)
        except RecursionError:
            # How deep it came, and what it says, hangs on how deep the caller was.
            outcome["raised"] = "RecursionError"
        except Exception as error:
            outcome["raised"] = type(error).__name__, str(error)
            entries = traceback.extract_tb(error.__traceback__)[1:]
            # CPython may name the statement before that which reads an unbound name (a name stored in it and the read
            # are one instruction).
            outcome["lines"] = lines(entries)[: -1 if isinstance(error, UnboundLocalError) else None]
    told = [one for one in caught if one.category.__name__ != "NumliftWarning"]
    file = getattr(function, "py_func", function).__code__.co_filename
    return outcome | {
        "arguments": plain(arguments),
        "printed": printed.getvalue(),
        "events": events(told),
        "told": places(told, file),
    }


class TooLong(BaseException):
    """A program grows ints for ever."""


def within_time(function: Callable[..., Any], arguments: list[Any]) -> dict[str, Any]:
    """How a call ended, unless it takes too much time of the processor."""
    with limited_time():
        return ended(function, arguments)


@contextmanager
def limited_time() -> Iterator[None]:
    """Raises `TooLong` where what is done in it takes too much time of the processor."""

    def stop(*_: object) -> None:
        raise TooLong

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def apart(expected: dict[str, Any], actual: dict[str, Any]) -> str:
    """What of two outcomes differs, as text. When memory runs out is not compared, nor how deep calls go before Python
    ends them: that hangs on who called, too."""
    if any(outcome.get("raised", "")[:1] == ("MemoryError",) for outcome in (expected, actual)):
        return ""
    if expected.get("raised") == actual.get("raised") == "RecursionError":
        return ""
    # Events of what nobody uses may be lost; none may be told that was not there, but of a statement that then raises.
    if set(actual["events"]) <= set(expected["events"]) or "raised" in expected:
        actual = actual | {"events": expected["events"]}
    keys = sorted((expected.keys() | actual.keys()) - {"told"})
    differ = [key for key in keys if expected.get(key) != actual.get(key)]
    return "\n".join(f"{key}:\n  CPython  {expected.get(key)}\n  compiled {actual.get(key)}" for key in differ)
