"""Islands: pieces of a compiled function that run in Python.

    island(f, place, "np.linalg.solve(a, b)", True, ["a", "b"], [("x", False)])  ─►  a function of a and b

The piece sees the function's globals and variables of functions around it, and what it reads as its parameters. It is
at its place in the user's file, so a traceback that goes through it shows the user's line.
"""

from __future__ import annotations

import ast
import importlib
import linecache
from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any

from numlift._function import Found, bind, code_of, find


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
) -> Callable[..., Any]:
    """Return a function of what a piece reads: its value, or a tuple of what it binds.

    A name of `binds` that says so may stay unbound.
    """
    found = _found(function)
    parsed = ast.parse(text.strip() if is_expression else _dedented(text), mode="eval" if is_expression else "exec")
    line = place[0]
    ast.increment_lineno(parsed, line - 1)
    if isinstance(parsed, ast.Expression):
        body: list[ast.stmt] = [_at(ast.Return(parsed.body), line)]
    else:
        assert isinstance(parsed, ast.Module)
        body = [*parsed.body, *_results(binds, line)]
    hidden: dict[str, Any] = {}
    if any(may_be_unbound for _, may_be_unbound in binds) and not is_expression:
        hidden["__nl_unbound"] = UNBOUND
    if "__nl_get" in text:
        hidden["__nl_get"] = _get
    made = bind(code_of(found, function, body, [*reads, *hidden]), function)
    if hidden:
        made.__defaults__ = tuple(hidden.values())
    return made


@cache
def _get(name: str) -> Any:
    """Return what a dotted name stands for: `numpy.linalg.solve`."""
    parts = name.split(".")
    for end in range(len(parts) - 1, 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:end]))
        except ImportError:
            continue
        for part in parts[end:]:
            found = getattr(found, part)
        return found
    raise NameError(name)


def _found(function: FunctionType) -> Found:
    lines = linecache.getlines(function.__code__.co_filename, function.__globals__)
    return find("".join(lines), function)


def _dedented(text: str) -> str:
    """Statements begin behind their indentation; the lines after the first have it."""
    lines = text.split("\n")
    if len(lines) == 1:
        return text.strip()
    try:
        ast.parse(text)
    except SyntaxError:
        return "if 1:\n" + text
    return text


def _at(node: ast.stmt, line: int) -> ast.stmt:
    node.lineno = node.end_lineno = line
    node.col_offset = node.end_col_offset = 0
    return ast.fix_missing_locations(node)


def _results(binds: list[tuple[str, bool]], line: int) -> list[ast.stmt]:
    """Return statements that give all that was bound."""
    statements: list[ast.stmt] = []
    for name, may_be_unbound in binds:
        if may_be_unbound:
            unbound = ast.Assign([ast.Name(name, ast.Store())], ast.Name("__nl_unbound", ast.Load()))
            handler = ast.ExceptHandler(ast.Name("UnboundLocalError", ast.Load()), None, [unbound])
            statements.append(_at(ast.Try([ast.Expr(ast.Name(name, ast.Load()))], [handler], [], []), line))
    values: list[ast.expr] = [ast.Name(name, ast.Load()) for name, _ in binds]
    statements.append(_at(ast.Return(ast.Tuple(values, ast.Load())), line))
    return statements
