"""Leaving compiled code at every place where it may be left, each in turn.

Wherever compiled code may be left, Python has to go on as if it had run everything, whether or not that place is ever
left on the data at hand. The text of a module is changed so that each such place asks (`nl_forced`), and a call is made
once for the first place that is come to, once for the second, and so on.

    %bad = icmp …                                       %bad = icmp …
    br i1 %bad, label %leave3, label %on4       ─►      %f = call i32 @nl_forced()   %bad' = or %bad, %f
                                                        br i1 %bad', label %leave3, label %on4
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from typing import Any

import outcomes
from numlift import _native

# So many places of a call are left at the most: the first ones and some others.
FIRST, OTHERS = 6, 6
FAR = 1 << 40

_LEAVES = re.compile(r"^  br i1 ([^,\n]+), label %(leave[\w.]*|on[\w.]*), label %(leave[\w.]*|on[\w.]*)(.*)$", re.M)
_ISLAND = re.compile(
    r"^  (%\w+) = call i32 @nl_island\(([^\n]*)\n(?=(?:(?!^  %\w+ = call i32 @nl_island)[^\n]*\n){0,4}?"
    r"  (%\w+) = icmp eq i32 \1, 2\n  br i1 \3, label %other)",
    re.M,
)
# A piece that raised is over: what it did must not be done again.
_RAISED = re.compile(r"^  (%\w+) = icmp eq i32 %\w+, 1$", re.M)


def asking(text: str) -> str:
    """A module in which every place asks whether it is to be left."""
    raised = {found[1] for found in _RAISED.finditer(text)}
    count = 0

    def asks(found: re.Match[str]) -> str:
        nonlocal count
        condition, one, other, rest = found.groups()
        leaves_if_true = one.startswith("leave")
        if condition in raised or leaves_if_true == other.startswith("leave"):
            return found[0]
        count += 1
        lines = [f"  %fa{count} = call i32 @nl_forced()"]
        lines += [f"  %fb{count} = icmp {'ne' if leaves_if_true else 'eq'} i32 %fa{count}, 0"]
        lines += [f"  %fc{count} = {'or' if leaves_if_true else 'and'} i1 {condition}, %fb{count}"]
        return "\n".join([*lines, f"  br i1 %fc{count}, label %{one}, label %{other}{rest}"])

    text = _LEAVES.sub(asks, text)
    text = _ISLAND.sub(r"  \1 = call i32 @nl_island_forced(\2\n", text)
    declared = ["declare i32 @nl_forced()", "declare i32 @nl_island_forced(ptr, i32, ptr, ptr)"]
    return "\n".join([text, *declared, ""])


def differences(
    kernel: Any, expected: dict[str, Any], arguments: Callable[[], list[Any]], seed: int
) -> Iterator[tuple[int, str]]:
    """The places of a call that is compiled with [`asking`] at which leaving it changes what it does."""
    _native.force_exit(FAR)
    actual = outcomes.ended(kernel, arguments())
    places = FAR - _native.force_exit(0)
    if found := outcomes.apart(expected, actual):
        yield 0, found
        return
    chosen = list(range(1, min(places, FIRST) + 1))
    if places > FIRST:
        others = range(FIRST + 1, places + 1)
        chosen += sorted(random.Random(seed).sample(others, min(OTHERS, len(others))))
    for place in chosen:
        _native.force_exit(place)
        actual = outcomes.ended(kernel, arguments())
        _native.force_exit(0)
        if found := outcomes.apart(expected, actual):
            yield place, found
            return
