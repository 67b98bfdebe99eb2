"""Functions of the program's own files become kernels that are compiled when they are hot: for `numlift run`.

    def total(x):                  @hot
        for v in x: …      ─►      def total(x):
                                       for v in x: …

The decorator is put into the syntax tree before the file is compiled, innermost and on the line of the `def`, so no
line, no name and no text changes. What it makes stands for the function in all that a program may ask: its class is
that of functions, `__code__`, `__defaults__` and so on are the function's, it is pickled by its name and shown as a
function. It is chosen for functions that can repay it: those with a loop, those that call themselves, and those that
compute with NumPy. Left as
they are: generators and coroutines, functions with `*args`, special methods, functions in functions, and those with
decorators that are not known to do nothing but call.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any, Literal

from numlift import _module_loops, _native

# In a syntax tree a decorator can be a constant; in the code it is exchanged for the function that decorates.
MARKS = ("\0numlift: hot, with loops", "\0numlift: hot", "\0numlift: hot, calls itself")

# Decorators that only call the function, or keep it.
HARMLESS = frozenset(
    "staticmethod classmethod property setter getter deleter cached_property abstractmethod "
    "lru_cache cache override final".split()
)

LOOPS = (ast.For, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
SUSPENDING = (ast.Yield, ast.YieldFrom, ast.Await, ast.AsyncFor, ast.AsyncWith)

# The same results, bit for bit where that is possible, and no word to the program.
OPTIONS: dict[str, Any] = {"math": "numpy", "quiet": True}


@dataclass
class Left:
    """A function with loops that stays as it is, and why."""

    file: str
    line: int
    name: str
    reason: str


kernels: list[Any] = []
left: list[Left] = []
# Whether everything is compiled at its first call, to be looked at.
at_once = False
# The function that is looked at, whatever it does.
asked: str | None = None


def compile_hot(source: bytes | str, file: str) -> CodeType:
    """The code of a file whose functions are kernels; raises what `compile` raises."""
    tree = compile(source, file, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    assert isinstance(tree, ast.Module)
    mark(tree, file)
    gates, stays = _module_loops.gates(tree, source, file, made_of_loop)
    left.extend(Left(file, line, "loop", reason) for line, reason in stays)
    code: CodeType = compile(tree, file, "exec", dont_inherit=True)
    return exchanged(code, {_module_loops.mark(number): gate for number, gate in enumerate(gates)})


def mark(tree: ast.Module, file: str) -> None:
    """Puts the decorators into a tree."""
    aliases = {name for node in ast.walk(tree) for name in numpy_names(node)}
    for node, name in definitions(tree, ""):
        inside = list(own(node))
        has_loops = any(isinstance(part, LOOPS) for part in inside)
        calls_itself = name == node.name and any(calls(part, name) for part in inside)
        is_chosen = has_loops or name == asked
        if not is_chosen and not calls_itself and not computes_arrays(inside, aliases):
            continue
        reason = obstacle(node, inside)
        if reason is None:
            node.decorator_list.append(
                ast.Constant(
                    MARKS[0 if has_loops else 2 if calls_itself else 1],
                    lineno=node.lineno,
                    col_offset=node.col_offset,
                    end_lineno=node.lineno,
                    end_col_offset=node.col_offset,
                )
            )
        elif is_chosen:
            left.append(Left(file, node.lineno, name, reason))


def definitions(node: ast.AST, around: str) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, str]]:
    """The functions of a module and of its classes, with their qualified names; none that stand in functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child, around + child.name
        elif isinstance(child, ast.ClassDef):
            yield from definitions(child, f"{around}{child.name}.")
        elif isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield from definitions(child, around)


def own(function: ast.AST) -> Iterator[ast.AST]:
    """What stands in a function's body itself, not in functions and classes in it."""
    for child in getattr(function, "body", []):
        yield from parts(child)


def parts(node: ast.AST) -> Iterator[ast.AST]:
    """A node and what stands in it, without the insides of functions and classes."""
    yield node
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
        for child in ast.iter_child_nodes(node):
            yield from parts(child)


def numpy_names(node: ast.AST) -> list[str]:
    """What an import calls NumPy, or takes from it."""
    match node:
        case ast.Import(names=names):
            return [alias.asname or "numpy" for alias in names if alias.name.partition(".")[0] == "numpy"]
        case ast.ImportFrom(module="numpy", names=names):
            return [alias.asname or alias.name for alias in names]
        case _:
            return []


def calls(node: ast.AST, name: str) -> bool:
    """Whether a node is a call of a function by its name."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def computes_arrays(inside: list[ast.AST], aliases: set[str]) -> bool:
    """Whether a function without loops may be arithmetic of arrays."""
    computes = any(isinstance(node, ast.BinOp) for node in inside)
    return computes and any(isinstance(node, ast.Name) and node.id in aliases for node in inside)


def obstacle(node: ast.FunctionDef | ast.AsyncFunctionDef, inside: list[ast.AST]) -> str | None:
    """Why a function is left as it is."""
    if isinstance(node, ast.AsyncFunctionDef) or any(isinstance(part, SUSPENDING) for part in inside):
        return "it is a generator or a coroutine"
    if node.args.vararg or node.args.kwarg:
        return "it takes any number of arguments"
    if node.name.startswith("__") and node.name.endswith("__") and node.name != "__call__":
        return "Python itself calls it"
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if name not in HARMLESS:
            return f"its decorator `{ast.unparse(decorator)}` may want the function itself"
    return None


def exchanged(code: CodeType, gates: Mapping[str, Any]) -> CodeType:
    """The code with the decorators, and the gates of loops, in place of their marks."""
    constants = tuple(exchanged_constant(constant, gates) for constant in code.co_consts)
    if all(new is old for new, old in zip(constants, code.co_consts)):
        return code
    return code.replace(co_consts=constants)


def exchanged_constant(constant: Any, gates: Mapping[str, Any]) -> Any:
    if isinstance(constant, CodeType):
        return exchanged(constant, gates)
    if isinstance(constant, str) and constant in gates:
        return gates[constant]
    if isinstance(constant, str) and constant in MARKS:
        return {MARKS[0]: hot_with_loops, MARKS[1]: hot, MARKS[2]: hot_recursive}[constant]
    return constant


def hot_with_loops(function: Any) -> Any:
    """The decorator of functions with loops."""
    return made(function, "suspected")


def hot(function: Any) -> Any:
    """The decorator of functions without."""
    return made(function, "hot")


def hot_recursive(function: Any) -> Any:
    """The decorator of functions without loops that call themselves: many calls make one hot."""
    return made(function, "recursive")


def made_of_loop(function: FunctionType) -> Any:
    """The kernel of a loop of a module."""
    # The module has all names behind the loop; with several threads those that nobody reads would be given up.
    options = {**OPTIONS, "all_names": True, "parallel": False}
    kernel = _native.jit_watched(function, options, "piece at once" if at_once else "piece")
    kernels.append(kernel)
    return kernel


def made(function: Any, when: Literal["hot", "suspected", "recursive"]) -> Any:
    if type(function) is not FunctionType:
        return function
    kernel = _native.jit_watched(function, dict(OPTIONS), "at once" if at_once else when)
    kernels.append(kernel)
    return kernel
