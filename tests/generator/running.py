"""Runs one side and compares two, strictly.

What is held against each other: how the call ended and what it returned (type, dtype, shape, every bit up to NaN's),
the state of every argument, memory shared between the result and the arguments, what was printed, the categories and
kinds of warnings, the exception's type, the state of the global generators. Within a cure's rounding bound floats may
differ; what it announced is left out.
"""

from __future__ import annotations

import contextlib
import copy
import io
import math
import random
import re
import signal
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

EVENT = re.compile(r"(divide by zero|overflow|underflow|invalid value) encountered")
# What may be lost beyond the plain bound, as a part of the largest magnitude, where the inputs' own last bits
# decide about it.
CAP = 1e-9


class TimeLimit(BaseException):
    """A run takes too long; not an `Exception`, since no program should handle it."""


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raises `TimeLimit` after so many seconds, where the system has interval timers."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(number: int, frame: Any) -> None:
        raise TimeLimit

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@dataclass
class Ran:
    """What one call left behind."""

    ended: str
    returned: Any = None
    arguments: dict[str, Any] = field(default_factory=dict)
    printed: str = ""
    warned: frozenset[tuple[str, str]] = frozenset()
    drawn: Any = None
    message: str = ""


def run(function: Callable[..., Any], arguments: dict[str, Any], seconds: float = 2.0) -> Ran:
    """Calls a function on a copy of the arguments that keeps what they share."""
    mine = copy_arguments(arguments)
    printed = io.StringIO()
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002
    ran = Ran("finished", arguments=mine)
    with warnings.catch_warnings(record=True) as told, contextlib.redirect_stdout(printed):
        warnings.simplefilter("always")
        try:
            with time_limit(seconds):
                ran.returned = function(**mine)
        except TimeLimit:
            ran.ended = "timed out"
        except Exception as error:
            ran.ended = type(error).__name__
            ran.message = str(error)
    ran.printed = printed.getvalue()
    ran.warned = frozenset(kind_of_warning(warning) for warning in told)
    ran.drawn = (random.getstate(), np.random.get_state()[1].tobytes(), np.random.get_state()[2])  # noqa: NPY002
    return ran


def kind_of_warning(warning: warnings.WarningMessage) -> tuple[str, str]:
    event = EVENT.search(str(warning.message))
    return warning.category.__name__, event[1] if event else ""


def copy_arguments(arguments: dict[str, Any]) -> dict[str, Any]:
    """Fresh memory with the same strides, flags, and sharing."""
    buffers: dict[int, tuple[np.ndarray, int]] = {}
    known: dict[int, Any] = {}

    def fresh(value: Any) -> Any:
        if id(value) in known:
            return known[id(value)]
        made = make(value)
        known[id(value)] = made
        return made

    def make(value: Any) -> Any:
        if type(value) is np.ndarray:
            return copy_array(value, buffers)
        if type(value) is list:
            return [fresh(item) for item in value]
        if type(value) is tuple:
            return tuple(fresh(item) for item in value)
        if hasattr(value, "__dict__") and not callable(value):
            twin = copy.copy(value)
            for name, attribute in vars(value).items():
                setattr(twin, name, fresh(attribute))
            return twin
        return copy.deepcopy(value)

    return {name: fresh(value) for name, value in arguments.items()}


def copy_array(array: np.ndarray, buffers: dict[int, tuple[np.ndarray, int]]) -> np.ndarray:
    owner = array
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    if array.dtype.hasobject or owner.base is not None:
        return array.copy(order="K")
    if id(owner) not in buffers:
        low, high = np.lib.array_utils.byte_bounds(owner)
        memory = np.ndarray(high - low, np.uint8, buffer=as_bytes(owner)).copy()
        buffers[id(owner)] = (memory, low)
    memory, low = buffers[id(owner)]
    offset = array.__array_interface__["data"][0] - low
    twin = np.ndarray(array.shape, array.dtype, memory.data, offset if array.size else 0, array.strides)
    twin.flags.writeable = array.flags.writeable
    return twin


def as_bytes(owner: np.ndarray) -> Any:
    """The memory of an array that owns it, in C or Fortran order."""
    flat = owner if owner.flags.c_contiguous else owner.T
    return memoryview(np.ascontiguousarray(flat).reshape(-1).view(np.uint8)) if flat.size else b""


@dataclass
class Rules:
    """How strictly two runs are compared."""

    rel: float = 0.0
    allowed: frozenset[str] = frozenset()
    # How far the old results move when the inputs move by a unit in the last place: a path to a distance.
    moved: dict[str, float] = field(default_factory=dict)
    scale: float = 0.0


def differences(old: Ran, new: Ran, rules: Rules) -> list[str]:
    """What differs, in words; empty when nothing does."""
    if old.ended == "timed out":
        return []
    if old.ended != new.ended:
        both_raise = "finished" not in (old.ended, new.ended) and new.ended != "timed out"
        if not (both_raise and "exception_type" in rules.allowed):
            return [f"end: {old.ended} {old.message!r} | {new.ended} {new.message!r}"]
    found: list[str] = []
    raised = old.ended != "finished"
    compare("return value", old.returned, new.returned, rules, found)
    if not (raised and "stores_before_exception" in rules.allowed):
        for name in old.arguments:
            compare(name, old.arguments[name], new.arguments[name], rules, found)
    if not raised and shared(old) != shared(new):
        found.append(f"sharing of the result: {shared(old)} | {shared(new)}")
    if not same_text(old.printed, new.printed, rules):
        found.append(f"printed: {old.printed!r} | {new.printed!r}")
    if old.drawn != new.drawn and not raised:
        found.append("the state of a random generator")
    # What is computed in another order before an exception leaves may warn of more or of less.
    if "warnings" not in rules.allowed and not raised and old.warned != new.warned:
        found.append(f"warnings: {sorted(old.warned)} | {sorted(new.warned)}")
    return found


# A unit in the last place of numbers of about 1.
EPSILON = float(np.finfo(float).eps)

NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?")


def same_text(old: str, new: str, rules: Rules) -> bool:
    """Printed text, numbers in it within the bound."""
    if old == new or not rules.rel:
        return old == new
    if NUMBER.sub("#", old) != NUMBER.sub("#", new):
        return False
    pairs = zip(map(float, NUMBER.findall(old)), map(float, NUMBER.findall(new)))
    last_place = max(1e-12, 16 * EPSILON * rules.scale)
    return all(math.isclose(one, other, rel_tol=rules.rel, abs_tol=last_place) for one, other in pairs)


def shared(ran: Ran) -> list[str]:
    """Which arguments the result is, or shares memory with."""
    parts = ran.returned if isinstance(ran.returned, tuple) else (ran.returned,)
    found = []
    for at, part in enumerate(parts):
        for name, argument in ran.arguments.items():
            if isinstance(part, (list, np.ndarray)) and part is argument:
                found.append(f"{at} is {name}")
            elif isinstance(part, np.ndarray) and isinstance(argument, np.ndarray):
                if part.size and argument.size and np.may_share_memory(part, argument):
                    found.append(f"{at} shares with {name}")
    return found


def compare(path: str, old: Any, new: Any, rules: Rules, found: list[str]) -> None:
    if len(found) > 5:
        return
    if type(old) is not type(new):
        found.append(f"{path}: {type(old).__name__} {old!r:.80} | {type(new).__name__} {new!r:.80}")
    elif isinstance(old, (list, tuple)):
        if len(old) != len(new):
            found.append(f"len({path}): {len(old)} | {len(new)}")
            return
        for at, (one, other) in enumerate(zip(old, new)):
            compare(f"{path}[{at}]", one, other, rules, found)
    elif isinstance(old, np.ndarray):
        compare_arrays(path, old, new, rules, found)
    elif isinstance(old, np.generic):
        if old.dtype != new.dtype:
            found.append(f"{path}: {old.dtype} | {new.dtype}")
        else:
            compare_numbers(path, old, new, rules, found)
    elif isinstance(old, (float, complex)):
        compare_numbers(path, old, new, rules, found)
    elif isinstance(old, dict):
        compare(f"keys of {path}", list(old), list(new), rules, found)
        for key in old.keys() & new.keys():
            compare(f"{path}[{key!r}]", old[key], new[key], rules, found)
    elif hasattr(old, "__dict__") and not callable(old):
        compare(path, vars(old), vars(new), rules, found)
    elif isinstance(old, (int, str, bytes, type(None), range)):
        if old != new:
            found.append(f"{path}: {old!r} | {new!r}")


def compare_arrays(path: str, old: np.ndarray, new: np.ndarray, rules: Rules, found: list[str]) -> None:
    if old.dtype != new.dtype or old.shape != new.shape:
        found.append(f"{path}: {old.dtype}{list(old.shape)} | {new.dtype}{list(new.shape)}")
        return
    if old.flags.writeable != new.flags.writeable:
        found.append(f"{path} is writeable: {old.flags.writeable} | {new.flags.writeable}")
    if old.dtype.hasobject:
        compare(path, old.tolist(), new.tolist(), rules, found)
        return
    if old.dtype.kind in "fc":
        with np.errstate(all="ignore"):
            real = old.dtype.kind == "f"
            same = (old == new) & (np.signbit(old) == np.signbit(new)) if real else old == new
            same |= np.isnan(old) & np.isnan(new)
    else:
        same = old == new
    for index in zip(*np.nonzero(~same)):
        at = ", ".join(str(int(part)) for part in index)
        compare_numbers(f"{path}[{at}]" if at else path, old[index], new[index], rules, found)


def compare_numbers(path: str, old: Any, new: Any, rules: Rules, found: list[str]) -> None:
    if is_same_number(old, new):
        return
    if "zero_sign" in rules.allowed and old == 0 and new == 0:
        return
    if rules.rel and isinstance(old, (float, complex, np.inexact)):
        one, other = complex(old), complex(new)
        size, far = magnitude(one), magnitude(one - other)
        if math.isfinite(size) and math.isfinite(far) and far:
            epsilon = float(np.finfo(old.dtype).eps) if isinstance(old, np.inexact) else 0.0
            rel = max(rules.rel, 4 * epsilon)
            conditioned = min(rules.moved.get(path, 0.0), max(CAP, 64 * epsilon) * rules.scale)
            if far <= max(rel * size, conditioned):
                return
    found.append(f"{path}: {old!r} | {new!r}")


def magnitude(number: complex) -> float:
    return math.hypot(number.real, number.imag)


def is_same_number(old: Any, new: Any) -> bool:
    if isinstance(old, (complex, np.complexfloating)):
        return is_same_number(old.real, new.real) and is_same_number(old.imag, new.imag)
    if isinstance(old, (float, np.floating)):
        if old != old or new != new:
            return bool(old != old and new != new)
        return bool(old == new and np.signbit(old) == np.signbit(new))
    return bool(old == new)


def held_against(
    old: Callable[..., Any], new: Callable[..., Any], arguments: dict[str, Any], rules: Rules
) -> list[str]:
    """Runs both sides; where floats are too far apart, how far the old ones move by themselves decides."""
    before = run(old, arguments)
    after = run(new, arguments)
    found = differences(before, after, rules)
    if not found or not rules.rel:
        return found
    measured = measure(old, before, arguments)
    known = [*numbers(arguments).values(), *numbers(results(before)).values()]
    scale = max(map(magnitude, known), default=0.0)
    if has_huge_integers(arguments):
        # Their products and sums have lost the last places of what they are added to.
        scale, measured = 2.0**63, dict.fromkeys(measured, 2.0**63 * 2.2e-16 * len(measured))
    if scale > 1e100:
        # Beside such a number all others are lost; which of them are found again behind it is a matter of order.
        measured = {path: max(far, scale * 2.2e-16) for path, far in measured.items()}
    # What cancels out exactly leaves the last places of what was added up.
    lost = EPSILON * scale * (1 + len(numbers(arguments)))
    measured = {path: max(far, lost) for path, far in measured.items()}
    return differences(before, after, Rules(rules.rel, rules.allowed, measured, scale))


def measure(old: Callable[..., Any], before: Ran, arguments: dict[str, Any]) -> dict[str, float]:
    """How far results move when floats that go in move by one unit in the last place."""
    plain = numbers(results(before))
    size = len(numbers(arguments))
    moved = dict.fromkeys(plain, 0.0)
    rng = np.random.default_rng(11)
    for _ in range(16):
        for path, number in numbers(results(run(old, jiggled(arguments, rng)))).items():
            if path in plain and math.isfinite(magnitude(number - plain[path])):
                moved[path] = max(moved[path], magnitude(number - plain[path]))
    return {path: 8 * (1 + math.sqrt(size)) * far for path, far in moved.items()}


def has_huge_integers(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(has_huge_integers, value.values()))
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "iu" and value.size > 0 and int(abs(value.astype(float)).max()) > 2**31
    return False


def results(ran: Ran) -> dict[str, Any]:
    return {"return value": ran.returned, **ran.arguments}


def jiggled(arguments: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    made = copy_arguments(arguments)

    def move(value: Any) -> Any:
        if isinstance(value, np.ndarray) and value.dtype.kind == "f":
            steps = rng.choice([-1.0, 1.0], value.shape) * np.finfo(value.dtype).eps
            writeable, value.flags.writeable = value.flags.writeable, True
            with np.errstate(all="ignore"):
                value += (value * steps).astype(value.dtype)
            value.flags.writeable = writeable
            return value
        if type(value) is float:
            return value * (1 + rng.choice([-1.0, 1.0]) * 2.3e-16)
        if type(value) is list:
            return [move(item) for item in value]
        return value

    return {name: move(value) for name, value in made.items()}


def numbers(value: Any, path: str = "") -> dict[str, complex]:
    """All finite floats in a value, by path."""
    if isinstance(value, dict):
        parts = value.items()
        return {key: number for name, part in parts for key, number in numbers(part, str(name)).items()}
    if isinstance(value, (list, tuple)):
        each = enumerate(value)
        return {key: number for at, part in each for key, number in numbers(part, f"{path}[{at}]").items()}
    if isinstance(value, np.ndarray) and value.dtype.kind in "fc":
        found = {}
        for index in np.ndindex(value.shape):
            at = ", ".join(map(str, index))
            found[f"{path}[{at}]" if at else path] = complex(value[index])
        return {key: number for key, number in found.items() if math.isfinite(magnitude(number))}
    if isinstance(value, (float, complex, np.inexact)) and math.isfinite(magnitude(complex(value))):
        return {path: complex(value)}
    return {}
