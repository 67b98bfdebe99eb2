"""A function's syntax tree, and code made of parts of it.

    tree = find(text, function)                 where the function is written
    code = code_of(tree, function)              the same code again
    bind(code, function)                        a function with its globals and cells

Code that is made here belongs to the original function: the same file, name and lines (so tracebacks show the user's
source), the same globals and cells, private names (`self.__x`) and `super()` as in its class.
"""

from __future__ import annotations

import ast
import copy
import warnings
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, FunctionType
from typing import ClassVar
from weakref import WeakSet


class Unfit(Exception):
    """A function whose text cannot be used, and why."""


@dataclass(frozen=True)
class Found:
    """A function in a syntax tree."""

    node: ast.FunctionDef | ast.Lambda
    # Names of the classes and functions around it, the outermost first.
    around: tuple[str, ...]
    # The innermost class around it, whose name private names are made with.
    private: str | None
    # Names that the module imports: calls of their attributes have other bytecode.
    imported: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return "<lambda>" if isinstance(self.node, ast.Lambda) else self.node.name

    @property
    def qualname(self) -> str:
        return ".".join((*self.around, self.name))

    @property
    def body(self) -> list[ast.stmt]:
        """Its statements; a lambda's is the `return` of its value."""
        if isinstance(self.node, ast.Lambda):
            return [ast.copy_location(ast.Return(self.node.body), self.node.body)]
        return self.node.body


@dataclass(frozen=True, eq=False)
class ModuleLoop:
    """What is said of a function that is a loop of a module, and no function to anybody else."""

    # Names of the module that the loop binds.
    bound: frozenset[str]
    # Lines that stand one column further right in the function's text than in the file.
    shifted: frozenset[int]
    # The line behind the loop, at which compiled code is always left.
    end: int

    # Where the function keeps it.
    KEY: ClassVar[str] = "__numlift_loop__"

    @staticmethod
    def of(function: FunctionType) -> ModuleLoop | None:
        return function.__dict__.get(ModuleLoop.KEY)

    def moved_back(self, module: ast.Module) -> ast.Module:
        """Return a tree whose nodes stand where they stand in the file."""
        module = copy.deepcopy(module)
        # A statement may stand in a tree twice.
        for node in {id(node): node for node in ast.walk(module)}.values():
            if getattr(node, "lineno", None) in self.shifted and node.col_offset:  # type: ignore[attr-defined]
                node.col_offset -= 1  # type: ignore[attr-defined]
            if getattr(node, "end_lineno", None) in self.shifted and node.end_col_offset:  # type: ignore[attr-defined]
                node.end_col_offset -= 1  # type: ignore[attr-defined]
        return module


@lru_cache(maxsize=16)
def _by_line(text: str) -> dict[int, list[Found]]:
    """Return the functions of a text by their first lines."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(text)
    by_line: dict[int, list[Found]] = {}
    for found in _functions(tree):
        by_line.setdefault(_first_line(found.node), []).append(found)
    return by_line


def functions_of(text: str) -> list[Found]:
    """Return all functions of a text."""
    return [found for at_line in _by_line(text).values() for found in at_line]


def find(text: str, function: FunctionType) -> Found:
    """Return the function in the tree of its file's text."""
    code = function.__code__
    try:
        at_line = _by_line(text).get(code.co_firstlineno, [])
    except (SyntaxError, ValueError) as error:
        raise Unfit(f"{code.co_filename} cannot be parsed: {error}") from None
    if code.co_name == "<lambda>":
        at_line = [found for found in at_line if isinstance(found.node, ast.Lambda)]
        if len(at_line) > 1:
            at_line = [found for found in at_line if _same_code(found, function)]
    else:
        at_line = [found for found in at_line if getattr(found.node, "name", None) == code.co_name]
    if not at_line:
        raise Unfit(f"{code.co_filename} has no `{code.co_name}` in line {code.co_firstlineno} any more")
    return at_line[0]


def _first_line(node: ast.FunctionDef | ast.Lambda) -> int:
    if isinstance(node, ast.FunctionDef) and node.decorator_list:
        return node.decorator_list[0].lineno
    return node.lineno


def _same_code(found: Found, function: FunctionType) -> bool:
    again, code = code_of(found, function), function.__code__
    return (again.co_code, again.co_names, again.co_consts) == (code.co_code, code.co_names, code.co_consts)


def _functions(tree: ast.Module) -> list[Found]:
    found: list[Found] = []

    imported = tuple(_imported(tree))

    def walk(node: ast.AST, around: tuple[str, ...], private: str | None) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.Lambda):
                found.append(Found(child, around, private, imported))
            name = getattr(child, "name", None)
            is_class = isinstance(child, ast.ClassDef)
            if is_class or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                walk(child, (*around, str(name)), str(name) if is_class else private)
            else:
                walk(child, around, private)

    walk(tree, (), None)
    return found


def _imported(node: ast.AST) -> list[str]:
    """Return the names that imports bind in the scope of a module."""
    names: list[str] = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            names.extend(alias.asname or alias.name.split(".")[0] for alias in child.names if alias.name != "*")
        elif not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            names.extend(_imported(child))
    return names


def code_of(
    found: Found,
    function: FunctionType,
    body: list[ast.stmt] | None = None,
    parameters: list[str] | None = None,
) -> CodeType:
    """Compile the function alone; or one with its name and surroundings, of other statements and parameters."""
    if body is None:
        node: ast.FunctionDef | ast.Lambda = found.node
        if isinstance(node, ast.FunctionDef):
            # Decorators, defaults and annotations are evaluated outside of it.
            node = _definition(_bare(node.args), node.body)
        else:
            node = ast.Lambda(_bare(node.args), node.body)
    else:
        arguments = ast.arguments([], [ast.arg(name) for name in parameters or []], None, [], [], None, [])
        node = _definition(arguments, body)
    ast.copy_location(node, found.node)
    # The lines of code count from its first one, which is that of the first decorator.
    node.lineno = function.__code__.co_firstlineno
    statement: ast.stmt = node if isinstance(node, ast.FunctionDef) else ast.copy_location(ast.Expr(node), node)
    return _inner_code(_surrounded(statement, found, function), 1 if found.private is None else 2, function)


def _definition(arguments: ast.arguments, body: list[ast.stmt]) -> ast.FunctionDef:
    # No name of the program's, which would hide a global.
    made = ast.FunctionDef("nl_function", arguments, body, [])
    made.type_params = []  # type: ignore[attr-defined]  # needed from Python 3.12 on
    return made


def _bare(arguments: ast.arguments) -> ast.arguments:
    def plain(given: list[ast.arg]) -> list[ast.arg]:
        return [ast.copy_location(ast.arg(one.arg), one) for one in given]

    return ast.arguments(
        posonlyargs=plain(arguments.posonlyargs),
        args=plain(arguments.args),
        vararg=arguments.vararg and ast.copy_location(ast.arg(arguments.vararg.arg), arguments.vararg),
        kwonlyargs=plain(arguments.kwonlyargs),
        kw_defaults=[None for _ in arguments.kwonlyargs],
        kwarg=arguments.kwarg and ast.copy_location(ast.arg(arguments.kwarg.arg), arguments.kwarg),
        defaults=[],
    )


def _surrounded(statement: ast.stmt, found: Found, function: FunctionType) -> ast.Module:
    """Put a statement where its free names are variables of a function and private names get their class's."""
    # `__class__` is there by itself in a class; elsewhere the outer function's.
    free = function.__code__.co_freevars
    body = [statement]
    if found.private is not None:
        around = ast.ClassDef(found.private, [], [], [statement], [])
        around.type_params = []  # type: ignore[attr-defined]  # needed from Python 3.12 on
        body = [around] if found.private in free else [ast.Global([found.private]), around]
    outer = _definition(ast.arguments([], [ast.arg(name) for name in free], None, [], [], None, []), body)
    # Only compiled, never run.
    imports: list[ast.stmt] = [ast.Import([ast.alias("numlift", name)]) for name in dict.fromkeys(found.imported)]
    module = ast.Module([*imports, outer], [])
    ast.fix_missing_locations(module)
    return module


def _inner_code(module: ast.Module, depth: int, function: FunctionType) -> CodeType:
    original, loop = function.__code__, ModuleLoop.of(function)
    if loop is not None:
        module = loop.moved_back(module)
    features = original.co_flags & _FEATURES
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        code: CodeType = compile(module, original.co_filename, "exec", flags=features, dont_inherit=True)
    for _ in range(depth + 1):
        [code] = [one for one in code.co_consts if isinstance(one, CodeType)]
    name, qualname = original.co_name, original.co_qualname
    if loop is not None:
        name = qualname = "<module>"
    # What is defined inside is named after it.
    consts = tuple(_renamed(one, code.co_qualname, qualname) for one in code.co_consts)
    made = code.replace(co_name=name, co_qualname=qualname, co_firstlineno=original.co_firstlineno, co_consts=consts)
    if loop is not None:
        OF_LOOPS.add(made)
    return made


def _renamed(constant: object, old: str, new: str) -> object:
    """Return code that is defined in a function as it is in one with another qualified name."""
    if not isinstance(constant, CodeType) or not constant.co_qualname.startswith(f"{old}."):
        return constant
    consts = tuple(_renamed(one, old, new) for one in constant.co_consts)
    inner = constant.co_qualname[len(old) :]
    name = inner.removeprefix(".<locals>.") if new == "<module>" else new + inner
    return constant.replace(co_qualname=name, co_consts=consts)


# Code that goes on in a module behind a loop that was compiled, or is a piece of one.
OF_LOOPS: WeakSet[CodeType] = WeakSet()


# `from __future__ import annotations` and its like.
_FEATURES = 0x1FE0000


def other_locals(function: FunctionType, parameters: list[str]) -> list[ast.stmt]:
    """Return statements that make a function's other names local, where what binds them is gone. They leave no code."""
    if ModuleLoop.of(function) is not None:
        # They are the module's.
        return []
    code = function.__code__
    others = [name for name in (*code.co_varnames, *code.co_cellvars) if name not in parameters]
    assigned: list[ast.stmt] = [ast.Assign([ast.Name(name, ast.Store())], ast.Constant(None)) for name in others]
    return [ast.If(ast.Constant(0), assigned, [])] if assigned else []


def bind(code: CodeType, function: FunctionType) -> FunctionType:
    """Make a function of code that was made here, with the globals and cells of the original."""
    original = dict(zip(function.__code__.co_freevars, function.__closure__ or ()))
    try:
        cells = tuple(original[name] for name in code.co_freevars)
    except KeyError as error:
        raise Unfit(f"{error} is no variable of a function around `{function.__qualname__}`") from None
    made = FunctionType(code, function.__globals__, function.__name__, None, cells)
    made.__qualname__ = function.__qualname__
    made.__module__ = function.__module__
    return made
