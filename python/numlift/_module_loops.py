"""Loops of a module itself, compiled as it runs: for `numlift run`.

    for k in range(n):          if gate.stays(gate.kernel()(*gate.arguments)):      # all in the line of the `for`
        s += x[k]        ─►         for k in range(n): …

The loop becomes a function of those of its names that are bound before it; the function is compiled like any other. In
Python it does not run: where it is not compiled, the loop that still stands there does. What the loop binds is written
back to the module when compiled code is left, at the loop's end or in the middle: then Python goes on there
(`_resume`) as the module's own code would.

Left to Python is a loop whose names other code may look at while it runs, what binds names in other ways than by
assignment, and what goes round too seldom to repay it.
"""

from __future__ import annotations

import ast
import io
import symtable
import sys
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import CodeType, FunctionType
from typing import Any

from numlift import _source
from numlift._function import ModuleLoop

# What can look at the names of a module other than by writing them.
REFLECTIVE = frozenset("globals locals vars dir exec eval _getframe currentframe __main__ stack".split())

# Modules whose code runs in between.
CONCURRENT = frozenset("threading _thread concurrent asyncio signal multiprocessing sched".split())

# Statements and expressions that bind names otherwise, or keep them for later.
UNUSUAL = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.Delete,
    ast.Import,
    ast.ImportFrom,
    ast.With,
    ast.AsyncWith,
    ast.AsyncFor,
    ast.Await,
    ast.Yield,
    ast.YieldFrom,
    ast.Match,
    ast.NamedExpr,
)

# Rounds, times statements in each, for which a loop without loops in it is looked at.
WORTH_LOOKING = 5000

# So many visits, of so many seconds on the average, show that entering it costs more than it gains.
TRIED = 32
SHORT = 20e-6

# The name of the function in the text that is compiled.
NAME = "_nl_loop"


@dataclass(eq=False)
class Gate:
    """A loop that may run compiled."""

    node: ast.For | ast.While
    text: str
    place: ModuleLoop
    file: str
    features: int
    # Names whose values from before matter.
    carried: list[str]
    made: Callable[[FunctionType], Any]
    namespace: dict[str, Any] | None = None
    kernels: dict[tuple[str, ...], Any] = field(default_factory=dict)
    arguments: tuple[Any, ...] = ()
    # Whether Python runs it for good.
    retired: bool = False

    def kernel(self) -> Callable[..., Any]:
        """Return what runs the loop on `arguments`, or says that Python has to."""
        if self.retired:
            return nothing
        namespace = sys._getframe(1).f_globals
        if self.namespace is None:
            self.namespace = namespace
        if self.namespace is not namespace or not self.is_long(namespace):
            self.arguments = ()
            return nothing
        names = tuple(name for name in self.carried if name in namespace)
        kernel = self.kernels.get(names)
        if kernel is None:
            kernel = self.kernels[names] = self.made(self.function(names, namespace))
        self.arguments = tuple(namespace[name] for name in names)
        return kernel  # type: ignore[no-any-return]

    def stays(self, result: object) -> bool:
        """Whether the loop has still to run; compiled, it gave None."""
        self.arguments = ()
        if result is NotImplemented:
            for kernel in self.kernels.values():
                # What is refused once is refused again, as a rule.
                self.retired |= len(kernel.specializations) >= 4 or (
                    not kernel.watched["compiled"][0] and bool(kernel.specializations)
                )
            return True
        for kernel in self.kernels.values():
            calls, seconds = kernel.watched["compiled"]
            self.retired |= calls >= TRIED and seconds < calls * SHORT
        return False

    def function(self, names: tuple[str, ...], namespace: dict[str, Any]) -> FunctionType:
        """Return the loop as a function of these names."""
        start = self.node.lineno - 1
        text = "\n" * (start - 1) + f"def {NAME}({', '.join(names)}):\n" + self.text
        code: CodeType = compile(text, self.file, "exec", flags=self.features, dont_inherit=True)
        [inner] = [one for one in code.co_consts if isinstance(one, CodeType)]
        function = FunctionType(inner, namespace, NAME)
        function.__qualname__ = "loop"
        function.__module__ = namespace.get("__name__", "__main__")
        function.__dict__[ModuleLoop.KEY] = self.place
        _source.keep(function, text)
        return function

    def is_long(self, namespace: dict[str, Any]) -> bool:
        """Whether it may go round often enough; true where that is not seen at once."""
        if not isinstance(self.node, ast.For) or has_loops(self.node.body):
            return True
        rounds = length(self.node.iter, namespace)
        return rounds is None or rounds * len(self.node.body) >= WORTH_LOOKING


def nothing(*_: object) -> object:
    """Stand for a loop that Python runs."""
    return NotImplemented


def gates(
    tree: ast.Module, source: bytes | str, file: str, made: Callable[[FunctionType], Any]
) -> tuple[list[Gate], list[tuple[int, str]]]:
    """Put gates in front of the loops of a module; a constant `mark(number)` stands for each.

    Also return the lines of the outermost loops that have none, and why.
    """
    text = source if isinstance(source, str) else decoded(source)
    first = next((node.lineno for node in own(tree) if isinstance(node, ast.For | ast.While)), None)
    if first is None:
        return [], []
    shared = Shared.of(tree, text, file)
    if shared is None:
        return [], [(first, "the program looks at its own names, frames or code")]
    put = _Put(tree, text, file, made, shared)
    put.block(tree.body)
    return put.gates, sorted(put.left)


def decoded(source: bytes) -> str:
    import importlib.util

    return importlib.util.decode_source(source)


def mark(number: int) -> str:
    """Return the constant that stands for a gate in a syntax tree."""
    return f"\0numlift: loop {number}"


@dataclass
class Shared:
    """What the code of a file says about the names of its module."""

    # Names that functions, classes and lambdas of the file read or bind.
    seen: frozenset[str]
    # Names that the module binds itself.
    defined: frozenset[str]
    # Whether other threads, or signals, may run such code at any time.
    is_concurrent: bool

    @staticmethod
    def of(tree: ast.Module, text: str, file: str) -> Shared | None:
        """Return None where the module's names may be looked at in any way."""
        modules: set[str] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id in REFLECTIVE:
                return None
            if isinstance(node, ast.Attribute) and node.attr in REFLECTIVE:
                return None
            if isinstance(node, ast.Import):
                modules.update(alias.name for alias in node.names)
            if isinstance(node, ast.ImportFrom):
                modules.add(node.module or "")
        if "__main__" in modules:
            return None
        try:
            table = symtable.symtable(text, file, "exec")
        except (SyntaxError, ValueError):
            return None
        seen: set[str] = set()
        waiting = list(table.get_children())
        while waiting:
            scope = waiting.pop()
            waiting.extend(scope.get_children())
            # The scope of a comprehension of the module itself is the module's code.
            if scope.get_name() in ("listcomp", "setcomp", "dictcomp", "genexpr") and scope in table.get_children():
                continue
            seen.update(one.get_name() for one in scope.get_symbols() if one.is_global())
        defined = frozenset(one.get_name() for one in table.get_symbols() if one.is_assigned() or one.is_imported())
        return Shared(frozenset(seen), defined, any(name.partition(".")[0] in CONCURRENT for name in modules))


@dataclass
class _Put:
    tree: ast.Module
    text: str
    file: str
    made: Callable[[FunctionType], Any]
    shared: Shared
    gates: list[Gate] = field(default_factory=list)
    left: list[tuple[int, str]] = field(default_factory=list)

    def block(self, block: list[ast.stmt], is_inside: bool = False) -> None:
        for number, node in enumerate(block):
            for _, value in ast.iter_fields(node):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    continue
                for item in value if isinstance(value, list) else []:
                    if isinstance(item, ast.ExceptHandler | ast.match_case):
                        self.block(item.body, is_inside)
                if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                    self.block(value, is_inside or isinstance(node, ast.For | ast.While))
            if isinstance(node, ast.For | ast.While):
                reason = self.obstacle(node)
                if reason is None:
                    block[number] = self.gated(node)
                elif not is_inside:
                    self.left.append((node.lineno, reason))

    def obstacle(self, node: ast.For | ast.While) -> str | None:
        """Return why a loop stays as it is."""
        parts = [part for part in ast.walk(node) if not is_gate(part)]
        if node.lineno == 1:
            return "it stands in the first line"
        unusual = next((part for part in parts if isinstance(part, UNUSUAL)), None)
        if unusual is not None:
            return f"line {getattr(unusual, 'lineno', node.lineno)} binds names in a way that is not followed"
        if any(isinstance(part, ast.ExceptHandler) and part.name for part in parts):
            return "it keeps exceptions"
        if any(leaves_loop(other) for other in node.orelse):
            return "its `else` leaves the loop around it"
        seen = sorted(bound_names(node) & self.shared.seen)
        if seen and (self.shared.is_concurrent or any(calls_anything(part, self.shared.defined) for part in parts)):
            return f"functions that may run meanwhile look at `{seen[0]}`"
        return None

    def gated(self, node: ast.For | ast.While) -> ast.stmt:
        text, place = self.outlined(node)
        bound = bound_names(node)
        carried = sorted(name for name in bound if not is_fresh(node, name))
        features = sum(getattr(__import__("__future__"), name).compiler_flag for name in futures(self.tree))
        number = len(self.gates)
        self.gates.append(Gate(node, text, place, self.file, features, carried, self.made))
        constant = ast.Constant(mark(number))

        def of_gate(name: str) -> ast.expr:
            return ast.Attribute(constant, name, ast.Load())

        run = ast.Call(ast.Call(of_gate("kernel"), [], []), [ast.Starred(of_gate("arguments"), ast.Load())], [])
        test = ast.Call(of_gate("stays"), [run], [])
        header = node.iter if isinstance(node, ast.For) else node.test
        for part in ast.walk(test):
            part.lineno = part.end_lineno = node.lineno  # type: ignore[attr-defined]
            part.col_offset, part.end_col_offset = node.col_offset, header.end_col_offset  # type: ignore[attr-defined]
        return ast.copy_location(ast.If(test, [node], []), node)

    def outlined(self, node: ast.For | ast.While) -> tuple[str, ModuleLoop]:
        """Return the lines of a loop as the body of a function, with a last statement behind it."""
        lines = self.text.splitlines()[node.lineno - 1 : node.end_lineno]
        shifted = frozenset(logical_lines(lines, node.lineno)) if node.col_offset == 0 else frozenset()
        lines = [" " + line if node.lineno + number in shifted else line for number, line in enumerate(lines)]
        end = (node.end_lineno or node.lineno) + 1
        lines.append(f"{lines[0][: node.col_offset or 1]}raise")
        return "\n".join(lines) + "\n", ModuleLoop(frozenset(bound_names(node)), shifted, end)


def leaves_loop(node: ast.stmt) -> bool:
    """Whether a `break` or `continue` in a statement is for a loop around it."""
    if isinstance(node, ast.Break | ast.Continue):
        return True
    inner = node.orelse if isinstance(node, ast.For | ast.While) else ast.iter_child_nodes(node)
    return any(isinstance(one, ast.stmt | ast.ExceptHandler | ast.match_case) and leaves_loop(one) for one in inner)  # type: ignore[arg-type]


def is_gate(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("\0numlift")


def logical_lines(lines: list[str], first: int) -> Iterator[int]:
    """Return the lines in which statements begin."""
    starts = True
    for token in tokenize.generate_tokens(io.StringIO("\n".join(lines) + "\n").readline):
        if token.type in (tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT):
            continue
        if starts and token.type != tokenize.ENDMARKER:
            yield first + token.start[0] - 1
        starts = token.type == tokenize.NEWLINE


def own(node: ast.AST) -> Iterator[ast.AST]:
    """Return what stands in a module, not in functions and classes in it."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield from own(child)


def bound_names(node: ast.AST) -> set[str]:
    """Return the names that a loop binds: those of comprehensions are their own."""
    found: set[str] = set()
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.comprehension):
            continue
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            found.add(child.id)
        found |= bound_names(child)
    return found


def mentions(node: ast.AST | None, name: str) -> bool:
    return node is not None and any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(node))


def is_fresh(node: ast.For | ast.While, name: str) -> bool:
    """Whether a name is bound in each round before it is read, so that nobody sees what it was before."""
    if isinstance(node, ast.While):
        header: ast.expr = node.test
    else:
        header = node.iter
    if mentions(header, name) or any(mentions(one, name) for one in node.orelse):
        return False
    if isinstance(node, ast.For) and mentions(node.target, name):
        return binds_plainly(node.target, name)
    rest = [one for one in node.body if mentions(one, name)]
    first = rest[0]
    if isinstance(first, ast.Assign):
        return not mentions(first.value, name) and any(binds_plainly(target, name) for target in first.targets)
    if isinstance(first, ast.For):
        is_own = binds_plainly(first.target, name) and not mentions(first.iter, name)
        return is_own and len(rest) == 1 and not any(mentions(one, name) for one in first.orelse)
    return False


def binds_plainly(target: ast.expr, name: str) -> bool:
    """Whether a target is the name, or a tuple of names with it."""
    if isinstance(target, ast.Tuple | ast.List):
        return all(isinstance(one, ast.Name) for one in target.elts) and mentions(target, name)
    return isinstance(target, ast.Name) and target.id == name


# Calls that run no code of the file's.
HARMLESS = frozenset("range len abs min max sum int float bool complex round enumerate zip reversed print list".split())


def calls_anything(node: ast.AST, defined: frozenset[str]) -> bool:
    """Whether an expression may run a function of the file's: a call of what is not a library's."""
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Name):
        return node.func.id not in HARMLESS or node.func.id in defined
    base: ast.expr = node.func
    while isinstance(base, ast.Attribute):
        base = base.value
    return not (isinstance(base, ast.Name) and base.id in ("np", "numpy", "math"))


def has_loops(block: list[ast.stmt]) -> bool:
    loops = (ast.For, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
    return any(isinstance(part, loops) for one in block for part in ast.walk(one))


def futures(tree: ast.Module) -> list[str]:
    found = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    return [alias.name for node in found for alias in node.names]


def length(node: ast.expr, namespace: dict[str, Any]) -> int | None:
    """Return how many elements there are, where that is told by numbers and the lengths of lists and arrays."""
    if isinstance(node, ast.Name):
        value = namespace.get(node.id)
        return len(value) if isinstance(value, list | tuple | range) else None
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords):
        return None
    if node.func.id == "range" and "range" not in namespace:
        ends = [number(argument, namespace) for argument in node.args]
        if not 1 <= len(ends) <= 3 or None in ends or (len(ends) == 3 and ends[2] == 0):
            return None
        return len(range(*ends))  # type: ignore[arg-type]
    if node.func.id in ("enumerate", "reversed") and node.args:
        return length(node.args[0], namespace)
    return None


def number(node: ast.expr, namespace: dict[str, Any]) -> int | None:
    """Return the value of an int that is written out, has a name, or is a length; also of sums and products."""
    match node:
        case ast.Constant(value=int(value)):
            return value
        case ast.Name(id=name):
            found = namespace.get(name)
            return found if type(found) is int and abs(found) < 1 << 62 else None
        case ast.Call(func=ast.Name(id="len"), args=[ast.Name(id=name)]):
            found = namespace.get(name)
            if isinstance(found, list | tuple):
                return len(found)
            shape = getattr(found, "shape", ()) if type(found).__name__ == "ndarray" else ()
            return int(shape[0]) if shape else None
        case ast.BinOp(left=left, op=op, right=right):
            one, other = number(left, namespace), number(right, namespace)
            if one is None or other is None:
                return None
            if isinstance(op, ast.Add):
                return one + other
            if isinstance(op, ast.Sub):
                return one - other
            return one * other if isinstance(op, ast.Mult) else None
        case _:
            return None
