"""Why something stays Python that was to be compiled: one sentence, with the place in the program and a way out.

    line 20: calling Python would cost more than machine code gains: `print` runs in Python
        ─►   `print` runs in Python (line 12), and calling Python there costs more than compiling gains; …

The compiler saw a loop as a function that stands behind the end of the file: its lines are those of the program again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from numlift._causes import way_out

# What the compiler says before the cause, where Python would be called too often.
_COSTS = "calling Python would cost more than machine code gains: "

# Causes that say nothing to somebody who does not know the compiler.
_PLAIN = {"an object is made of it": "Python works on objects"}


def sentence(why: str, lines: Sequence[str], own: int) -> str:
    """Return it for the lines that the compiler saw, of which so many are the program's own."""
    first = why.strip().splitlines()[0] if why.strip() else ""
    found = re.match(r"line (\d+): (.*)", first)
    if found is None:
        return first
    line, cause = _line_of(int(found[1]), lines, own), found[2]
    costs = cause.startswith(_COSTS)
    cause = cause.removeprefix(_COSTS)
    text = _PLAIN.get(cause, cause)
    if line is not None:
        text += f" (line {line})"
    if costs:
        text += ", and calling Python there costs more than compiling gains"
    way = way_out(cause)
    return text if way is None else f"{text}; {way}"


def _line_of(number: int, lines: Sequence[str], own: int) -> int | None:
    """Return the line of the program; none where several are alike."""
    if number <= own:
        return number
    text = lines[number - 1].strip() if number <= len(lines) else ""
    alike = [place for place, line in enumerate(lines[:own], 1) if line.strip() == text]
    return alike[0] if len(alike) == 1 else None
