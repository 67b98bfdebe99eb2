"""Makes the value that a region returns visible to the hook behind it.

    return f(x)      =>      __nl_r__ = f(x)
                             return __nl_r__

A function whose locals are looked at by name is left as it is, and so is a `return` that a `finally` can take back.
What such a region returns is not known from outside (`blind`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

RETURNED = "__nl_r__"
SHOWS_LOCALS = frozenset({"locals", "vars", "eval", "exec", "dir"})
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def untouchable(tree: ast.Module) -> set[ast.Return]:
    """The `return` statements that must stay as they are."""
    found: set[ast.Return] = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() if shows_locals(node):
                found.update(returns(node.body))
            case ast.Try(finalbody=[_, *_]) if any(takes_back(last) for last in node.finalbody):
                found.update(returns([node]))
            case _:
                pass
    return found


def shows_locals(function: ast.AST) -> bool:
    return any(isinstance(node, ast.Name) and node.id in SHOWS_LOCALS for node in ast.walk(function))


def takes_back(statement: ast.stmt) -> bool:
    """Whether a statement of a `finally` block may end it otherwise than at its end."""
    return any(isinstance(node, (ast.Return, ast.Break, ast.Continue)) for node in ast.walk(statement))


def returns(statements: Iterable[ast.AST]) -> Iterator[ast.Return]:
    """The `return` statements of these statements' own function."""
    for statement in statements:
        if isinstance(statement, ast.Return):
            yield statement
        elif not isinstance(statement, SCOPES):
            yield from returns(ast.iter_child_nodes(statement))


def note(statements: list[ast.stmt], kept: set[ast.Return]) -> tuple[list[ast.stmt], bool]:
    """The statements with their `return`s noted, and whether one could not be."""
    noting = Noting(kept)
    holder = noting.visit_body(statements)
    return holder, noting.blind


class Noting(ast.NodeTransformer):
    """Stores each returned value under `RETURNED` before it is returned."""

    def __init__(self, kept: set[ast.Return]) -> None:
        self.kept = kept
        self.blind = False

    def visit_body(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        for statement in statements:
            new = self.visit(statement)
            made.extend(new if isinstance(new, list) else [new])
        return made

    def visit_Return(self, node: ast.Return) -> ast.stmt | list[ast.stmt]:
        if isinstance(node.value, ast.Name) and node.value.id == RETURNED:
            return node
        if node in self.kept:
            self.blind = True
            return node
        value = node.value or ast.copy_location(ast.Constant(None), node)
        stored = ast.Assign([ast.copy_location(ast.Name(RETURNED, ast.Store()), value)], value)
        node.value = ast.copy_location(ast.Name(RETURNED, ast.Load()), value)
        return [ast.copy_location(stored, node), node]

    def visit_scope(self, node: ast.AST) -> ast.AST:
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = visit_ClassDef = visit_scope
