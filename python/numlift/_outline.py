"""A region's statements as something that can be called again and again.

    def __numlift_region__(x, n, s):        # the live-ins that are locals of the enclosing function
        del s                               # those that were unbound
        try:
            …the statements…
            __numlift__.end()
        finally:
            __numlift__.see(locals())       # what is bound now, also after a return or an exception

Names that are globals of the enclosing function stay globals. A region at module level is executed in the module's
namespace as it stands. Private names (`self.__x`) and `super()` mean what they mean in the enclosing class.
"""

from __future__ import annotations

import ast
import builtins
import types
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from numlift import _world

# Names that a class around them leaves as they are.
HOOK = "__numlift__"
LOCALS = "__numlift_locals__"
NAME = "__numlift_region__"


class Hook:
    """What the outlined code tells while it runs."""

    def __init__(self) -> None:
        self.ended = False
        self.bound: Mapping[str, Any] = {}

    def end(self) -> None:
        """The last statement was left behind."""
        self.ended = True

    def see(self, bound: Mapping[str, Any]) -> None:
        """The names that are bound at the end."""
        self.bound = bound


class Outline:
    """One text of a region, in the function and module that it stands in."""

    def __init__(
        self,
        text: str,
        file: str,
        line: int,
        enclosing: types.CodeType | None,
        live_in: Iterable[str],
        namespace: dict[str, Any],
        resolve: Callable[[str], Any],
    ) -> None:
        self.body = ast.parse(text, file).body
        for statement in self.body:
            ast.increment_lineno(statement, max(line, 1) - 1)
        self.file = file
        self.enclosing = enclosing
        self.live_in = list(live_in)
        self.namespace = namespace
        self.resolve = resolve
        self.made: dict[tuple[str, ...], Callable[..., Any]] = {}
        self.code: types.CodeType | None = None

    def assigned(self) -> set[str]:
        """The names that the text may bind in its own scope."""
        found: set[str] = set()
        for statement in self.body:
            found |= bound_names(statement)
        return found

    def is_local(self, name: str) -> bool:
        """Whether the enclosing function has it as a local, or as a variable of a function around it."""
        code = self.enclosing
        if code is None:
            return False
        if name in code.co_varnames or name in code.co_cellvars or name in code.co_freevars:
            return True
        # A name that only the new text uses.
        return name in self.assigned() and name not in code.co_names

    def run(self, live: Mapping[str, Any], hook: Hook) -> Any:
        """Runs it on these values; what it returns if it left by `return`."""
        self.namespace[HOOK] = hook
        self.namespace[LOCALS] = builtins.locals
        if self.enclosing is None:
            if self.code is None:
                module = ast.Module([*self.body, *parse(f"{HOOK}.end()")], [])
                self.code = compile(ast.fix_missing_locations(module), self.file, "exec", dont_inherit=True)
            exec(self.code, self.namespace)
            return None
        local = {name: value for name, value in live.items() if self.is_local(name)}
        return self.function(tuple(local))(**local)

    def function(self, bound: tuple[str, ...]) -> Callable[..., Any]:
        """The function for inputs in which exactly these locals are bound."""
        if bound not in self.made:
            self.made[bound] = self.make(bound)
        return self.made[bound]

    def make(self, bound: tuple[str, ...]) -> Callable[..., Any]:
        assert self.enclosing is not None
        unbound = [name for name in self.live_in if self.is_local(name) and name not in bound]
        order = {name: at for at, name in enumerate(self.enclosing.co_varnames)}
        # The enclosing function's first parameter stays first, for `super()`.
        parameters = sorted({*bound, *unbound}, key=lambda name: (order.get(name, len(order)), name))
        shared = sorted(name for name in self.assigned() if not self.is_local(name))
        declared = [name for name in shared if not declares(self.body, name)]
        head = f"def {NAME}({', '.join(f'{name}=None' for name in parameters)}):\n"
        head += f"    global {', '.join(declared)}\n" if declared else ""
        head += f"    del {', '.join(unbound)}\n" if unbound else ""
        head += f"    try:\n        pass\n    finally:\n        {HOOK}.see({LOCALS}())\n"
        (function,) = parse(head)
        assert isinstance(function, ast.FunctionDef)
        attempt = function.body[-1]
        assert isinstance(attempt, ast.Try)
        attempt.body = [*self.body, *parse(f"{HOOK}.end()")]
        return self.define(function)

    def define(self, function: ast.stmt) -> Callable[..., Any]:
        """Executes the `def`, within a class of the enclosing class's name where there is one."""
        owner = enclosing_class(self.enclosing)
        definition = function
        if owner is not None:
            (definition,) = parse(f"class {owner.rpartition('.')[2]}:\n    pass\n")
            assert isinstance(definition, ast.ClassDef)
            definition.body = [function]
        module = ast.fix_missing_locations(ast.Module([definition], []))
        code = compile(module, self.file, "exec", dont_inherit=True)
        scope: dict[str, Any] = {}
        exec(code, self.namespace, scope)
        if owner is None:
            made: Callable[..., Any] = scope[NAME]
            return made
        (container,) = scope.values()
        found = container.__dict__[NAME]
        for name, cell in zip(found.__code__.co_freevars, found.__closure__ or ()):
            if name == "__class__":
                cell.cell_contents = self.resolve(owner)
        return found  # type: ignore[no-any-return]


def parse(text: str) -> list[ast.stmt]:
    return ast.parse(text).body


def enclosing_class(code: types.CodeType | None) -> str | None:
    """The class that a method stands in, by qualified name."""
    if code is None:
        return None
    outer, _, _ = code.co_qualname.rpartition(".")
    return outer if outer and not outer.endswith("<locals>") else None


def enclosing_code(module: types.CodeType, function: str, line: int) -> types.CodeType | None:
    """The code of the function of this qualified name that starts at or before a line, the nearest one."""
    found = [
        code
        for code in _world.walk_code(module)
        if code.co_qualname == function and code.co_firstlineno <= max(line, 1)
    ]
    return max(found, key=lambda code: code.co_firstlineno, default=None)


class BoundNames(ast.NodeVisitor):
    """Collects the names that a statement binds in its own scope."""

    def __init__(self) -> None:
        self.found: set[str] = set()

    def visit_Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load):
            self.found.add(node.id)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.found.add(node.name)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.found.add(node.name)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.found.add(node.name)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        pass

    def visit_alias(self, node: ast.alias) -> None:
        self.found.add((node.asname or node.name).partition(".")[0])

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self.found.add(node.name)
        self.generic_visit(node)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        if node.name:
            self.found.add(node.name)
        self.generic_visit(node)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self.found.add(node.name)

    def comprehension(self, node: ast.expr) -> None:
        """Its targets are its own; only `:=` binds outside."""
        for inner in ast.walk(node):
            if isinstance(inner, ast.NamedExpr):
                self.visit_Name(inner.target)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = comprehension


def bound_names(node: ast.stmt) -> set[str]:
    names = BoundNames()
    names.visit(node)
    return names.found


def declares(body: list[ast.stmt], name: str) -> bool:
    """Whether a `global` or `nonlocal` statement in the text says what the name is."""
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, (ast.Global, ast.Nonlocal)) and name in node.names:
                return True
    return False
