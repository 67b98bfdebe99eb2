"""Going on in the middle of a function that compiled code saw through.

    def swap(a, i, j):                  the rest of `swap` is a function of its own, and so is the rest of its caller,
        t = a[i]                        with a call of the former in the place of the call:
        a[i] = a[j]
        a[j] = t        # left here         count += __nl_called()
                                            …
    count += swap(x, m, n)

The rest of the callee is called where its caller would have called it, from the same line: exceptions pass through
both, and are caught by either. What the statement of the caller had computed before the call is not computed again.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from functools import partial
from types import FunctionType
from typing import Any
from weakref import WeakKeyDictionary

from numlift._function import Found, Unfit, bind, code_of, find, functions_of
from numlift._source import keep, kept_text

Place = tuple[int, int, int, int]

# A statement, the call in it, what is left of the loops around it, and what is computed of it.
Caller = tuple[Place, Place, list[str], list[tuple[Place, str]]]

# What the call of the callee's rest is.
CALLED = "__nl_called"

# Makes the arguments of a function that goes on, or None where they are the values as they are; and that function.
Made = tuple[Callable[..., tuple[Any, ...]] | None, Callable[..., Any]]

# Makes these of a function, a statement, names, iterators and what is computed.
Making = Callable[[FunctionType, Place, list[str], list[str], list[tuple[Place, str]]], Made]


def chained(
    making: Making,
    function: FunctionType,
    statement: Place,
    names: list[str],
    iterators: list[str],
    computed: list[tuple[Place, str]],
    callers: Sequence[Caller],
) -> tuple[Callable[..., tuple[Any, ...]], Callable[..., Any]]:
    """Return what makes the arguments of the outermost function's rest, and that."""
    own = own_names(names)
    levels = [(own, own, making(callee_of(function, statement), statement, own, iterators, computed))]
    for number, (place, call, rest, parts) in enumerate(callers):
        given = names_of_caller(names, number)
        is_outermost = number + 1 == len(callers)
        around = function if is_outermost else callee_of(function, place)
        made = making(around, place, [*given, CALLED], rest, [*parts, (call, CALLED)])
        levels.append((list(given.values()), [*given, CALLED], made))

    def arguments(*values: Any) -> tuple[Any, ...]:
        known = dict(zip(names, values))
        given: list[Any] = []
        called: Any = None
        for number, (sources, _, (prepare, rest_of)) in enumerate(levels):
            given = [known[source] for source in sources]
            if number:
                given.append(called)
            arguments = tuple(given) if prepare is None else prepare(*given)
            called = partial(rest_of, *arguments)
        return arguments

    return arguments, levels[-1][2][1]


def own_names(names: list[str]) -> list[str]:
    """Return the names of the function that is left innermost."""
    return [name for name in names if not name.startswith("__nl_in")]


def names_of_caller(names: list[str], number: int) -> dict[str, str]:
    """Return the names of a caller, with the names that their values have, and those that all share."""
    prefix = f"__nl_in{number}_"
    own = {name.removeprefix(prefix): name for name in names if name.startswith(prefix)}
    shared = {name: name for name in names if name.startswith("__nl") and name[4:].isdigit()}
    return own | shared


# Functions that have statements, as they were made for these functions: by the line.
_callees: WeakKeyDictionary[FunctionType, dict[int, FunctionType]] = WeakKeyDictionary()


def callee_of(function: FunctionType, place: Place) -> FunctionType:
    """Return the function of the same file that has a statement, as far as going on in it needs one."""
    known = _callees.setdefault(function, {})
    if place[0] not in known:
        known[place[0]] = _callee_of(function, place)
    return known[place[0]]


def _callee_of(function: FunctionType, place: Place) -> FunctionType:
    text = kept_text(function)
    found = found_around(text, place)
    callee = FunctionType(code_of(found, like_function(function, found)), function.__globals__, found.name)
    callee.__qualname__, callee.__module__ = found.qualname, function.__module__
    keep(callee, text)
    return callee


def found_around(text: str, place: Place) -> Found:
    """Return the innermost function around a place."""
    around = [found for found in functions_of(text) if _holds(found.node, place)]
    if not around:
        raise Unfit(f"no function has a statement in line {place[0]}")
    return max(around, key=lambda found: (found.node.lineno, found.node.col_offset))


def _holds(node: ast.FunctionDef | ast.Lambda, place: Place) -> bool:
    end = node.end_lineno or 0, node.end_col_offset or 0
    return (node.lineno, node.col_offset) <= place[:2] < end


def passing(function: FunctionType, calls: Sequence[Place]) -> list[FunctionType]:
    """Return functions that call what they are given where functions were called, the innermost first.

    An exception that comes through them has their lines in its traceback.
    """
    made = []
    for number, call in enumerate(calls):
        found = find(kept_text(function), function)
        like = function
        # The outermost stands in the function itself, or in one that has compiled code of its own beside it.
        if number + 1 < len(calls) or not _holds(found.node, call):
            found = found_around(kept_text(function), call)
            like = like_function(function, found)
        line, column, end_line, end_column = call
        called = ast.Return(ast.Call(ast.Name(CALLED, ast.Load()), [], []))
        for node in ast.walk(called):
            if isinstance(node, ast.stmt | ast.expr):
                node.lineno, node.col_offset, node.end_lineno, node.end_col_offset = line, column, end_line, end_column
        made.append(bind(code_of(found, like, [called], [CALLED]), like))
    return made


def like_function(function: FunctionType, found: Found) -> FunctionType:
    """Return a function of the name and lines of another one of the same file."""
    node = found.node
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef) else []
    first = decorators[0].lineno if decorators else node.lineno
    code = function.__code__.replace(
        co_name=found.name, co_qualname=found.qualname, co_firstlineno=first, co_freevars=()
    )
    return FunctionType(code, function.__globals__, found.name)
