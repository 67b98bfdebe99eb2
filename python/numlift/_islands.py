"""Islands: pieces of a compiled function that run in Python.

    island(f, place, "np.linalg.solve(a, b)", True, ["a", "b"], [("x", False)])  ─►  a function of a and b

The piece sees the function's globals and variables of functions around it, and what it reads as its parameters. It is
at its place in the user's file, so a traceback that goes through it shows the user's line.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Callable, Sequence
from functools import cache, partial
from types import FunctionType
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from numlift._function import Found, ModuleLoop, bind, code_of, find, other_locals
from numlift._resume_calls import found_around
from numlift._source import kept_text


class _Unbound:
    def __repr__(self) -> str:
        return "<not bound>"


# What stands for a name that a piece did not bind.
UNBOUND = _Unbound()


def island(
    function: FunctionType,
    place: tuple[int, int, int, int],
    text: str,
    is_expression: bool,
    reads: list[str],
    binds: list[tuple[str, bool]],
    errstate: Sequence[str] = (),
    is_called: bool = False,
) -> Callable[..., Any]:
    """Return a function of what a piece reads: its value, or a tuple of what it binds.

    A name of `binds` that says so may stay unbound. `errstate` are arguments of the `np.errstate`s around it. It may
    stand in another function of the file, which was called.
    """
    found = _found(function)
    line, column = place[:2]
    if is_expression:
        body: list[ast.stmt] = [_at(ast.Return(_expression(text, line, column)), line)]
    else:
        body = [*_statements(text, line, column), *_results(binds, line)]
        loop = ModuleLoop.of(function)
        if loop is not None:
            # What is not bound yet is the module's, and so is the exception where it is read.
            own = [name for name, _ in binds if name in loop.bound and name not in reads]
            declared = [_at(ast.Global(own), line)] if own else []
            body = [*declared, _noted(body, line)]
    for arguments in reversed(errstate):
        manager = ast.parse(f"__nl_errstate{arguments}", mode="eval").body
        body = [_at(ast.With([ast.withitem(manager)], body), line)]
    body = [*other_locals(function, reads), *body]
    hidden: dict[str, Any] = {"__nl_errstate": np.errstate} if errstate else {}
    if any(may_be_unbound for _, may_be_unbound in binds) and not is_expression:
        hidden["__nl_unbound"] = UNBOUND
    if "__nl_get" in text:
        hidden["__nl_get"] = _get
    if "__nl_global" in text:
        hidden["__nl_global"] = function.__globals__
    if ModuleLoop.of(function) is not None:
        hidden["__nl_note"] = partial(_partly.__setitem__, function)
        hidden["__nl_locals"] = locals
    names = reads if is_called else [_parameter(function, name, binds) for name in reads]
    made = bind(code_of(found, function, body, [*names, *hidden]), function)
    if hidden:
        made.__defaults__ = tuple(hidden.values())
    if is_called:
        around = found_around(kept_text(function), place)
        made.__code__ = made.__code__.replace(co_name=around.name, co_qualname=around.qualname)
    return made


def _parameter(function: FunctionType, name: str, binds: list[tuple[str, bool]]) -> str:
    """Return the name under which a piece gets what it reads.

    What it calls may bind a variable from outside of the function: that is read where it stands, before and after.
    """
    code = function.__code__
    is_own = name in code.co_varnames or name in code.co_cellvars or ModuleLoop.of(function) is not None
    is_outside = not is_own and (name in code.co_names or name in code.co_freevars)
    return f"__nl_outside_{name}" if is_outside and any(name == bound for bound, _ in binds) else name


def taken_partly(function: FunctionType) -> dict[str, Any]:
    """Return what the piece of a module's loop that has raised bound until then."""
    loop, found = ModuleLoop.of(function), _partly.pop(function, {})
    return {} if loop is None else {name: value for name, value in found.items() if name in loop.bound}


_partly: WeakKeyDictionary[FunctionType, dict[str, Any]] = WeakKeyDictionary()


def _noted(body: list[ast.stmt], line: int) -> ast.stmt:
    """Return statements that note what they have bound when they raise."""
    known = ast.Call(ast.Name("__nl_locals", ast.Load()), [], [])
    note = ast.Expr(ast.Call(ast.Name("__nl_note", ast.Load()), [known], []))
    handler = ast.ExceptHandler(None, None, [_at(note, line), _at(ast.Raise(), line)])
    return _at(ast.Try(body, [handler], [], []), line)


@cache
def _get(name: str) -> Any:
    """Return what a dotted name stands for: `numpy.linalg.solve`."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:end]))
        except ImportError:
            continue
        for part in parts[end:]:
            found = getattr(found, part)
        return found
    raise NameError(name)


def _found(function: FunctionType) -> Found:
    return find(kept_text(function), function)


def _expression(text: str, line: int, column: int) -> ast.expr:
    """Parse an expression that stands at a place, perhaps over several lines in somebody's parentheses."""
    parsed = ast.parse(f"({text})", mode="eval").body
    for node in ast.walk(parsed):
        if isinstance(node, ast.expr | ast.keyword | ast.arg):
            # The parenthesis took one column.
            node.col_offset += column - 1 if node.lineno == 1 else 0
            if node.end_lineno == 1 and node.end_col_offset is not None:
                node.end_col_offset += column - 1
    return ast.increment_lineno(parsed, line - 1)


def _statements(text: str, line: int, column: int) -> list[ast.stmt]:
    """Parse statements that stand at a place: all lines but the first have their indentation."""
    if column == 0:
        parsed = ast.parse(text)
    else:
        # In a block of their own they keep their columns.
        parsed = ast.parse(f"if 1:\n{' ' * column}{text}")
        line -= 1
        parsed = ast.Module(parsed.body[0].body, [])  # type: ignore[attr-defined]
    return ast.increment_lineno(parsed, line - 1).body


def _at(node: ast.stmt, line: int) -> ast.stmt:
    node.lineno = node.end_lineno = line
    node.col_offset = node.end_col_offset = 0
    return ast.fix_missing_locations(node)


def _results(binds: list[tuple[str, bool]], line: int) -> list[ast.stmt]:
    """Return statements that give all that was bound."""
    statements: list[ast.stmt] = []
    values: list[ast.expr] = []
    for name, may_be_unbound in binds:
        given = f"__nl_bound_{name}" if may_be_unbound else name
        if may_be_unbound:
            # The name itself may be the module's.
            bound = ast.Assign([ast.Name(given, ast.Store())], ast.Name(name, ast.Load()))
            unbound = ast.Assign([ast.Name(given, ast.Store())], ast.Name("__nl_unbound", ast.Load()))
            handler = ast.ExceptHandler(ast.Name("NameError", ast.Load()), None, [unbound])
            statements.append(_at(ast.Try([bound], [handler], [], []), line))
        values.append(ast.Name(given, ast.Load()))
    statements.append(_at(ast.Return(ast.Tuple(values, ast.Load())), line))
    return statements
