"""How wide the vectors of each loop are, as LLVM made them.

    widths(text, lines)   ─►   {line: 8, …}     numbers that one pass of the loop in a line computes; 1 where it is no
                                                vector loop, nothing where LLVM took the loop away or wrote it out

Loops carry marks (`numlift_llvm::emit::marks`), which the vectorizer copies to the vector loop that it makes.
"""

from __future__ import annotations

import re
from functools import lru_cache

_BLOCK = re.compile(r"^([\w.\-]+):.*$", re.M)
_BACK = re.compile(r"br .*!llvm\.loop !(\d+)")
_NODE = re.compile(r"^!(\d+) = (?:distinct )?!\{(.*)\}$", re.M)
_VECTOR = re.compile(r"<(\d+) x (?:double|float|half|i64|i32|i16|i8)>")
_FUNCTION = re.compile(r"^define .*?^}", re.M | re.S)


def widths(text: str, lines: list[int]) -> dict[int, int]:
    """Return the width of each line's loop in the text as LLVM optimizes it; nothing where LLVM is not there."""
    from numlift import _engine

    try:
        optimized = _engine.optimized(text)
    except (_engine.EngineError, ImportError):
        return {}
    return _read(optimized, tuple(lines))


@lru_cache(maxsize=16)
def _read(text: str, lines: tuple[int, ...]) -> dict[int, int]:
    nodes: dict[str, str] = dict(_NODE.findall(text))
    found: dict[int, int] = {}
    for function in _FUNCTION.findall(text):
        for block in _blocks(function):
            back = _BACK.search(block)
            if back is None:
                continue
            parts = [nodes.get(part, "") for part in re.findall(r"!(\d+)", nodes.get(back[1], ""))]
            marks = [int(part.rsplit(" ", 1)[1]) for part in parts if part.startswith('!"numlift.loop"')]
            width = max(map(int, _VECTOR.findall(block)), default=1)
            for mark in marks:
                found[lines[mark]] = max(found.get(lines[mark], 1), width)
    return found


def _blocks(function: str) -> list[str]:
    starts = [match.start() for match in _BLOCK.finditer(function)]
    return [function[start:end] for start, end in zip(starts, [*starts[1:], len(function)])]
