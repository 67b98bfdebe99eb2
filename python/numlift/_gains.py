"""What `numlift run --report` says at the end: what was compiled, what that gained, and what runs in Python and why.

numlift run: 2 functions and 1 loop compiled, 210 ms for that; the program took 1.4 s
  what               calls   a call  in Python  gained
  heat.py:12 step       60    31 µs     2.4 ms     77x
  heat.py:40 loop        1  12.1 ms  not tried
in Python:
  heat.py:19 main, line 30: …
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from typing import Any

from numlift import _hot
from numlift._causes import all_told
from numlift._function import ModuleLoop

# What runs in Python for less than this in all is not worth a line.
WORTH_TELLING = 0.005


def tell(where: str, seconds: float) -> None:
    """Writes the report to standard error (`-`) or a file."""
    text = report(seconds)
    try:
        if where == "-":
            sys.stdout.flush()
            sys.stderr.write(text)
            sys.stderr.flush()
        else:
            with open(where, "w", encoding="utf-8") as file:
                file.write(text)
    except (OSError, ValueError):
        pass


def report(seconds: float) -> str:
    """The report on all kernels, the most time first."""
    compiled = [kernel for kernel in _hot.kernels if kernel.watched["compiled"][0]]
    compiled.sort(key=lambda kernel: -kernel.watched["compiled"][1])
    compiling = sum(kernel.watched["compiling"][1] for kernel in _hot.kernels)
    loops = sum(is_loop(kernel) for kernel in compiled)
    functions = len(compiled) - loops
    parts = [counted(functions, "function")] if functions or not loops else []
    if loops:
        parts.append(f"{counted(loops, 'loop')} of modules")
    count = " and ".join(parts)
    lines = [f"numlift run: {count} compiled, {duration(compiling)} for that; the program took {duration(seconds)}"]
    if compiled:
        lines.append("")
        rows = [("what", "calls", "a call", "in Python", "gained"), *map(row, compiled)]
        lines.extend(table(rows))
    stayed = [line for kernel in by_time(_hot.kernels) for line in about_python(kernel)]
    if stayed:
        lines += ["", "in Python:", *stayed]
    for one in _hot.left:
        lines.append(f"  {place(one.file, one.line)} {one.name}: not compiled: {one.reason}")
    return "\n".join(lines) + "\n"


def row(kernel: Any) -> tuple[str, ...]:
    """A kernel's line: what its calls took in Python, as far as it ran there, and compiled."""
    watched = kernel.watched
    (python_calls, python_seconds), (calls, seconds) = watched["python"], watched["compiled"]
    after = seconds / calls
    before, gained = "not tried", ""
    if python_calls:
        mean = python_seconds / python_calls
        before, gained = duration(mean), f"{mean / max(after, 1e-9):.1f}x"
    if watched["retired"]:
        gained += " (back in Python)"
    return (named(kernel), str(calls), duration(after), before, gained)


def table(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(cells[column]) for cells in rows) for column in range(len(rows[0]))]
    return [
        "  "
        + "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(cells, widths))
        ).rstrip()
        for cells in rows
    ]


def by_time(kernels: list[Any]) -> list[Any]:
    return sorted(kernels, key=lambda kernel: -kernel.watched["python"][1])


def about_python(kernel: Any) -> list[str]:
    """Why a function's calls, or pieces of it, ran in Python."""
    calls, seconds = kernel.watched["python"]
    loop = ModuleLoop.of(kernel.py_func)
    # At its end a loop always goes back to its module.
    end = loop.end if loop is not None else None
    known = kernel.specializations
    lines = []
    reasons = [one["reason"] for one in known if not one["compiled"]]
    if is_loop(kernel):
        # Its calls take no time in Python: the loop itself runs there.
        lines += [f"  {named(kernel)}: {indented(reasons[0])}"] if reasons else []
    elif seconds >= WORTH_TELLING:
        why = reasons[0] if reasons else "calls before it was compiled, or too short to tell"
        called = "1 call" if calls == 1 else f"{calls} calls"
        lines.append(f"  {named(kernel)}, {duration(seconds)} in {called}: {indented(why)}")
    left: Counter[tuple[int, str, str]] = Counter()
    for one in known:
        if one["compiled"]:
            for line, reason, times in one["exits"]:
                if line != end:
                    left[line, "Python went on here", all_told(reason)] += times
            for line, text, reason, times in one["islands"]:
                left[line, said_of(text), reason] += times
    for (line, what, reason), times in left.items():
        if times:
            told = f"{what} {often(times)}: {reason}" if what else f"{reason}, {often(times)}"
            lines.append(f"  {named(kernel)}, line {line}: {told}")
    return lines


def said_of(text: str) -> str:
    """What a report calls a piece that ran in Python; nothing where its text is not the author's."""
    return "" if "__nl" in text else f"`{first_line(text)}` ran"


def is_loop(kernel: Any) -> bool:
    return ModuleLoop.of(kernel.py_func) is not None


def counted(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number} {what}s"


def often(times: int) -> str:
    return "once" if times == 1 else f"{times} times"


def named(kernel: Any) -> str:
    code = kernel.__code__
    # The function made of a loop begins in the line before it.
    return f"{place(code.co_filename, code.co_firstlineno + is_loop(kernel))} {kernel.__qualname__}"


def place(file: str, line: int) -> str:
    return f"{os.path.basename(file)}:{line}"


def first_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[0] if lines else ""


def indented(text: str) -> str:
    return text.replace("\n", "\n    ")


def duration(seconds: float) -> str:
    """Three digits and a unit."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"
