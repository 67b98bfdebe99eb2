"""Hooks around regions, put into a module's syntax tree before it is compiled.

    for i in range(n):                if __nl_e7__ is not None:
        out[i] = x[i] ** 2               __nl_n__(__nl_e7__)
                              =>      try:
                                          for i in range(n):
                                              out[i] = x[i] ** 2
                                      finally:
                                          if __nl_x7__ is not None:
                                              __nl_x7__()

The names live in `builtins`, so the program's namespaces stay as they are; `_hooks` decides what they are bound to.
A hook that is off costs a global look-up and a comparison, and `try` costs nothing. All positions are copied, so
tracebacks, warnings and `inspect` see the program's own text. Reads of the clock through methods (`datetime.now()`)
are wrapped to be noticed, since those methods can't be replaced. What a region returns is noted (`_returns`).
"""

from __future__ import annotations

import ast
import types
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from numlift import _attributes, _returns

CLOCK_METHODS = frozenset({"now", "utcnow", "today"})


@dataclass
class Region:
    """What the plan says of one region, as far as instrumenting needs it."""

    id: int
    start: tuple[int, int]
    end: tuple[int, int]


@dataclass
class Instrumented:
    """A module's code with hooks."""

    code: types.CodeType
    # Every identifier in the text of a region, attributes too.
    identifiers: dict[int, frozenset[str]] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)
    # Regions in which what is returned can't be noted.
    blind: frozenset[int] = frozenset()


def enter_name(region: int) -> str:
    """The builtin that holds the iterator for entering a region, or None."""
    return f"__nl_e{region}__"


def leave_name(region: int) -> str:
    """The builtin that is called when a region is left, or None."""
    return f"__nl_x{region}__"


NEXT_NAME = "__nl_n__"
CLOCK_NAME = "__nl_clock__"


def instrument(source: bytes, filename: str, regions: Sequence[Region]) -> Instrumented:
    """Compiles a module with hooks around its regions. Raises what `compile` raises."""
    tree = ast.parse(source, filename)
    _attributes.stored.update(stored_attributes(tree))
    placing = Placing(regions)
    placing.visit_tree(tree)
    NoteClocks().visit(tree)
    declare(tree, [region.id for region in regions])
    refused = {region.id: "its statements were not found in the file" for region in placing.left()}
    refused.update(placing.refused)
    try:
        code = compile(tree, filename, "exec", dont_inherit=True)
    except (SyntaxError, RecursionError):
        # Too many nested blocks with the hooks: then the module runs as it is.
        code = compile(source, filename, "exec", dont_inherit=True)
        refused.update({region.id: "hooks do not fit around it" for region in regions})
    identifiers = {number: names for number, names in placing.identifiers.items() if number not in refused}
    return Instrumented(code, identifiers, refused, frozenset(placing.blind))


class Placing:
    """Finds each region in the tree and wraps it; inner regions first."""

    def __init__(self, regions: Iterable[Region]) -> None:
        self.by_start: dict[tuple[int, int], list[Region]] = {}
        for region in regions:
            self.by_start.setdefault(region.start, []).append(region)
        self.identifiers: dict[int, frozenset[str]] = {}
        self.refused: dict[int, str] = {}
        self.kept_returns: set[ast.Return] = set()
        self.blind: set[int] = set()

    def left(self) -> list[Region]:
        """Regions that were not found."""
        return [region for found in self.by_start.values() for region in found if region.id not in self.identifiers]

    def visit_tree(self, tree: ast.Module) -> None:
        self.kept_returns = _returns.untouchable(tree)
        # Children before parents: wrapping replaces statements, and inner ones must still be found by position.
        for node in reversed(list(ast.walk(tree))):
            for name in ("body", "orelse", "finalbody"):
                block = getattr(node, name, None)
                if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                    setattr(node, name, self.block(node, block))

    def block(self, parent: ast.AST, block: list[ast.stmt]) -> list[ast.stmt]:
        """One list of statements with the regions in it wrapped."""
        found: list[tuple[int, int, Region]] = []
        for first, statement in enumerate(block):
            for region in self.starting_at(statement):
                last = next((k for k in range(first, len(block)) if end_of(block[k]) == region.end), None)
                if last is not None:
                    found.append((first, last, region))
        if not found:
            return block
        pieces: list[tuple[int, int, list[ast.stmt]]] = [(k, k, [statement]) for k, statement in enumerate(block)]
        for first, last, region in sorted(found, key=lambda place: (place[1] - place[0], place[2].id)):
            self.wrap(parent, block, pieces, first, last, region)
        return [statement for _, _, statements in pieces for statement in statements]

    def starting_at(self, statement: ast.stmt) -> list[Region]:
        starts = [(statement.lineno, statement.col_offset)]
        for decorator in getattr(statement, "decorator_list", [])[:1]:
            starts.append((decorator.lineno, decorator.col_offset - 1))
        return [region for start in starts for region in self.by_start.get(start, ())]

    def wrap(
        self,
        parent: ast.AST,
        block: list[ast.stmt],
        pieces: list[tuple[int, int, list[ast.stmt]]],
        first: int,
        last: int,
        region: Region,
    ) -> None:
        """Replaces the pieces that make up a region by one."""
        covered = [k for k, (low, high, _) in enumerate(pieces) if low >= first and high <= last]
        if not covered or pieces[covered[0]][0] != first or pieces[covered[-1]][1] != last:
            self.identifiers[region.id] = frozenset()
            self.refused[region.id] = "it overlaps another region"
            return
        self.identifiers[region.id] = identifiers(block[first : last + 1])
        head = declarations(parent, block, first, last)
        statements, blind = _returns.note([made for k in covered for made in pieces[k][2]], self.kept_returns)
        if blind:
            self.blind.add(region.id)
        wrapped = statements[:head] + hooked(region.id, statements[head:], block[first + head : last + 1])
        pieces[covered[0] : covered[-1] + 1] = [(first, last, wrapped)]


def declarations(parent: ast.AST, block: list[ast.stmt], first: int, last: int) -> int:
    """How many statements at the start of a region must stay where they are: a docstring, `from __future__`."""
    if first != 0 or not isinstance(parent, (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return 0
    head = 0
    match block[0]:
        case ast.Expr(value=ast.Constant(value=str())):
            head = 1
        case _:
            pass
    while head <= last and isinstance(block[head], ast.ImportFrom) and block[head].module == "__future__":  # type: ignore[attr-defined]
        head += 1
    return head


def hooked(region: int, statements: list[ast.stmt], original: list[ast.stmt]) -> list[ast.stmt]:
    """The statements with hooks around them."""
    if not statements:
        return statements
    first, last = original[0], original[-1]
    enter, leave = enter_name(region), leave_name(region)
    call_enter = ast.Call(name(NEXT_NAME), [name(enter)], [])
    call_leave = ast.Call(name(leave), [], [])
    return [
        placed(guarded(enter, call_enter), first, start=True),
        placed_shell(ast.Try(statements, [], [], [placed(guarded(leave, call_leave), last, start=False)]), first),
    ]


def declare(tree: ast.Module, regions: Iterable[int]) -> None:
    """`global __nl_e7__, …` at the top: in a module's own code, look-ups of declared names are cached ones."""
    names = [made for region in regions for made in (enter_name(region), leave_name(region))]
    if not names or not tree.body:
        return
    head = declarations(tree, tree.body, 0, len(tree.body) - 1)
    statement = ast.Global([NEXT_NAME, *names])
    tree.body.insert(head, placed(statement, tree.body[0], start=True))


def guarded(variable: str, call: ast.Call) -> ast.stmt:
    test = ast.Compare(name(variable), [ast.IsNot()], [ast.Constant(None)])
    return ast.If(test, [ast.Expr(call)], [])


def name(text: str) -> ast.Name:
    return ast.Name(text, ast.Load())


def placed(made: ast.stmt, like: ast.stmt, *, start: bool) -> ast.stmt:
    """Gives made nodes the position of a statement's first or last line."""
    line, column = (like.lineno, like.col_offset) if start else end_of(like)
    for node in ast.walk(made):
        if isinstance(node, (ast.stmt, ast.expr)):
            node.lineno = node.end_lineno = line
            node.col_offset = node.end_col_offset = column
    return made


def placed_shell(made: ast.stmt, like: ast.stmt) -> ast.stmt:
    made.lineno, made.col_offset = like.lineno, like.col_offset
    made.end_lineno, made.end_col_offset = like.lineno, like.col_offset
    return made


def end_of(statement: ast.stmt) -> tuple[int, int]:
    return statement.end_lineno or statement.lineno, statement.end_col_offset or 0


def identifiers(statements: Iterable[ast.stmt]) -> frozenset[str]:
    """Names and attributes in some statements."""
    found: set[str] = set()
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name):
                found.add(node.id)
            elif isinstance(node, ast.Attribute):
                found.add(node.attr)
    return frozenset(found)


def stored_attributes(tree: ast.Module) -> Iterable[str]:
    """Names of attributes that are assigned to."""
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)}


class NoteClocks(ast.NodeTransformer):
    """`datetime.now()` => `__nl_clock__(datetime.now())`, which gives its argument back."""

    def visit_Call(self, node: ast.Call) -> Any:
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr in CLOCK_METHODS:
            noted = ast.Call(name(CLOCK_NAME), [node], [])
            ast.copy_location(noted.func, node)
            return ast.copy_location(noted, node)
        return node
