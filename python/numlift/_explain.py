"""What was made of a function, line by line: `kernel.explain()`.

    norms in points.py, line 8

    for x: float64[n0, n1]                          12 calls, 8 kB of machine code
      10  for i in range(x.shape[0]):
            passes run on several cores where the work repays it
      12      for j in range(x.shape[1]):
            8 numbers at a time
      14  write(norms)
            runs in Python: nothing is known of the function `write`

    what would make it faster
      line 14: write it with `def` in this file, or decorate it with `numlift.jit` too

Only lines about which there is something to say are shown. How many numbers a loop computes at a time is read from the
text that LLVM made, not foretold.
"""

from __future__ import annotations

import ast
import linecache
import os
import re
from collections.abc import Iterator
from typing import Any

from numlift._causes import told, way_out
from numlift._widths import widths

# What the passes say of a loop whose iterations are independent.
_APART = "the iterations may run at the same time"


# An addition or product of floats in LLVM's text.
_FLOATS_ARE_ADDED = re.compile(r"= f(?:add|sub|mul) ")

# Causes of leaving that are the program's own errors: no check of them is worth a word.
_ERRORS = {"an exception is raised", "there is not enough memory", "the program was interrupted"}


def explained(kernel: Any) -> str:
    """Return what there is to say of a kernel."""
    code = kernel.__code__
    lines = [f"{kernel.__qualname__} in {os.path.basename(code.co_filename)}, line {code.co_firstlineno}"]
    known = kernel.specializations
    if not known:
        lines += ["", "not called yet: it is compiled at the first call, for the types of its arguments"]
    for one in known:
        lines.append("")
        lines += _of_types(kernel, one)
    return "\n".join(lines)


def _of_types(kernel: Any, one: dict[str, Any]) -> list[str]:
    types = ", ".join(f"{name}: {text}" for name, text in one["types"].items()) or "no arguments"
    if not one["compiled"]:
        return [f"for {types}: runs in Python", *_indented(one["reason"], "  ")]
    lines = [f"for {types}: {_calls(one)}, {_size(one['bytes'])} of machine code{_origin(one)}"]
    if one["given_up"]:
        lines.append("  runs in Python from here on: nearly every call left the machine code")
    facts, advice = _Facts(kernel), []
    for line, text, help_ in _facts_of(kernel, one):
        facts.add(line, text)
        if help_ and (line, help_) not in advice:
            advice.append((line, help_))
    lines += facts.shown()
    if advice:
        lines += ["", "  what would make it faster"]
        lines += [f"    line {line}: {help_}" for line, help_ in advice]
    return lines


def _calls(one: dict[str, Any]) -> str:
    return "1 call" if one["calls"] == 1 else f"{one['calls']} calls"


def _size(count: int) -> str:
    return f"{max(1, round(count / 1024))} kB"


def _origin(one: dict[str, Any]) -> str:
    return "" if one["origin"] == "compiled" else ", from the cache"


def _facts_of(kernel: Any, one: dict[str, Any]) -> Iterator[tuple[int, str, str | None]]:
    """Return facts about lines: the line, what is so, and what would make it faster."""
    loops = _loops(kernel)
    for line, about, text in one["told"]:
        if about == "fused":
            yield line, text.replace("in one loop nest", "in one pass, without arrays in between"), None
        elif about == "cores":
            yield line, _of_cores(text), None
        elif about == "blas":
            yield line, "the product is given to BLAS", None
    found = widths(one["llvm"], one["loops"])
    # Sums of ints are what they are in any order.
    may_reorder = not kernel.options.get("fastmath") and _FLOATS_ARE_ADDED.search(one["llvm"]) is not None
    for line, width in sorted(found.items()):
        if width > 1:
            yield line, f"{width} numbers at a time", None
    elsewhere = [line for line, about, _ in one["told"] if about == "blas"] + [line for line, *_ in one["islands"]]
    for line in sorted(line for line, width in found.items() if width == 1):
        if not any(loop.lineno == line and (_has_loops(loop) or _holds(loop, elsewhere)) for loop in loops):
            yield line, "one number at a time", _why_slow(loops, line) if may_reorder else None
    cores = [(line, text) for line, about, text in one["told"] if about == "cores"]
    # What runs on several cores cannot be left: its checks stand in front of it.
    apart = {line for line, _ in cores} - {line for line, text in cores if text != _APART}
    for line, reasons, times in _by_line(one["exits"]):
        yield from _of_exit(loops, apart, line, reasons, times)
    for line, _, reason, times in one["islands"]:
        if times:
            often = "once" if times == 1 else f"{times} times"
            yield line, f"runs in Python ({often} so far): {reason}", way_out(reason)
        else:
            yield line, f"runs in Python: {reason}", way_out(reason)
    for name, text in one["types"].items():
        if "any strides" in text:
            yield _line_of(kernel), f"`{name}` is not contiguous", f"pass `np.ascontiguousarray({name})`"


def _of_cores(text: str) -> str:
    if text.startswith("one iteration after the other: "):
        return f"on one core: {text.partition(': ')[2]}"
    return "on several cores, where the work repays it" if text == _APART else text


def _by_line(exits: list[tuple[int, str, int]]) -> list[tuple[int, str, int]]:
    """Return the exits with those that were never taken put together, line by line."""
    unused: dict[int, str] = {}
    for line, reasons, times in exits:
        if not times:
            unused[line] = "; ".join(filter(None, (unused.get(line), reasons)))
    taken = [one for one in exits if one[2]]
    return sorted([*taken, *((line, reasons, 0) for line, reasons in unused.items())], key=lambda one: one[0])


def _either(parts: list[str]) -> str:
    """Return `a`, `a or b`, `a, b or c`."""
    return " or ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))


def _of_exit(
    loops: list[ast.For | ast.While], apart: set[int], line: int, reasons: str, times: int
) -> Iterator[tuple[int, str, str | None]]:
    all_told = dict.fromkeys(told(reason) for reason in reasons.split("; ") if reason)
    causes = [(what, help_) for what, help_ in all_told if what not in _ERRORS]
    if times:
        often = "once" if times == 1 else f"{times} times"
        why = _either([what for what, _ in all_told] or ["a type was met that was not compiled"])
        yield line, f"left for Python {often}: {why}", next((help_ for _, help_ in causes if help_), None)
    elif causes and (loop := _innermost(loops, line)) is not None:
        where = "in front of the loop" if loop.lineno in apart else "in each pass"
        yield line, f"checked {where}: whether {_either([what for what, _ in causes])}", None


def _why_slow(loops: list[ast.For | ast.While], line: int) -> str | None:
    """Return what would let a loop compute several numbers at a time, where its text shows that."""
    loop = next((one for one in loops if one.lineno == line), None)
    if not isinstance(loop, ast.For):
        return None
    adds = [node for node in ast.walk(loop) if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)]
    if adds and all(isinstance(node.op, ast.Add | ast.Sub | ast.Mult) for node in adds):
        return "`fastmath=True`, if sums of floats may be added in another order; or NumPy's `sum` or `@`"
    return None


class _Facts:
    """Lines of a function with what is said of them."""

    def __init__(self, kernel: Any) -> None:
        self.file, self.globals = kernel.__code__.co_filename, kernel.py_func.__globals__
        self.of: dict[int, list[str]] = {}

    def add(self, line: int, text: str) -> None:
        said = self.of.setdefault(line, [])
        if text not in said:
            said.append(text)

    def shown(self) -> list[str]:
        sources = {line: linecache.getline(self.file, line, self.globals).rstrip() for line in self.of}
        margin = min((len(text) - len(text.lstrip()) for text in sources.values() if text), default=0)
        lines = []
        for line in sorted(self.of):
            lines.append(f"  {line:4}  {sources[line][margin:]}".rstrip())
            lines += [f"            {text}" for text in self.of[line]]
        return lines


def _loops(kernel: Any) -> list[ast.For | ast.While]:
    from numlift._function import Unfit, find
    from numlift._source import kept_text

    try:
        node = find(kept_text(kernel.py_func), kernel.py_func).node
    except Unfit:
        return []
    return [one for one in ast.walk(node) if isinstance(one, ast.For | ast.While)]


def _innermost(loops: list[ast.For | ast.While], line: int) -> ast.For | ast.While | None:
    around = [one for one in loops if one.lineno < line <= (one.end_lineno or 0)]
    return max(around, key=lambda one: one.lineno, default=None)


def _line_of(kernel: Any) -> int:
    """Return the line of the function's `def`."""
    first: int = kernel.__code__.co_firstlineno
    texts = linecache.getlines(kernel.__code__.co_filename, kernel.py_func.__globals__)[first - 1 :]
    return next((first + n for n, text in enumerate(texts) if text.lstrip().startswith("def ")), first)


def _holds(loop: ast.For | ast.While, lines: list[int]) -> bool:
    return any(loop.lineno < line <= (loop.end_lineno or 0) for line in lines)


def _has_loops(loop: ast.For | ast.While) -> bool:
    return any(isinstance(one, ast.For | ast.While) for one in ast.walk(loop) if one is not loop)


def _indented(text: str, by: str) -> list[str]:
    return [by + line for line in text.splitlines()]
