"""A program's modules without running the program.

To run one region by itself, its module's functions and classes are needed, but not what the module does at import.
`World` makes the namespaces from the sources: imports, `def`, `class` and assignments of plain expressions are
executed, everything else is left out:

    import numpy as np           executed
    N = 100                      executed
    data = np.load("big.npy")    left out (a call); comes from the snapshot where the region needs it
    def step(x): …               executed
    main()                       left out

Installed packages are imported for real; modules of the project, wherever they're imported from, are made in the
same way as the script. What couldn't be made is noted in `World.skipped` with the reason and is simply not there.
"""

from __future__ import annotations

import ast
import importlib
import importlib.machinery
import importlib.util
import os
import sys
import sysconfig
import types
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

INSTALLED = frozenset({"site-packages", "dist-packages"})
# Calls that make a name and nothing else, so that `Point = namedtuple(…)` is as good as a class.
MAKERS = frozenset(
    "namedtuple NamedTuple TypeVar ParamSpec NewType Enum IntEnum partial dtype vectorize frozenset getLogger "
    "itemgetter attrgetter float64 float32 int64 int32 uint8 complex128 finfo iinfo range float int Path".split()
)


class World:
    """The namespaces of a program's modules, made from their sources.

    `project` maps module names to files (`modules` of a `WatchReport` or of a snapshot); `path` is the `sys.path`
    that the program had, `package` the `__package__` of a `__main__` started by `-m`. Modules are made when they are
    first needed and registered in `sys.modules`.
    """

    def __init__(self, project: Mapping[str, str] = {}, path: Sequence[str] = (), package: str | None = None) -> None:
        self.project: dict[str, str] = {}
        self.files: set[str] = set()
        self.skipped: list[str] = []
        self.codes: dict[str, types.CodeType] = {}
        self.package: str | None = None
        self.learn(project, path, package)
        self.finder = SkeletonFinder(self)
        sys.meta_path.insert(0, self.finder)

    def close(self) -> None:
        """Takes the world out of the import system."""
        sys.meta_path.remove(self.finder)

    def learn(self, project: Mapping[str, str], path: Sequence[str] = (), package: str | None = None) -> None:
        """More modules of the project, as a snapshot knows them."""
        for name, file in project.items():
            real = os.path.realpath(file)
            self.project.setdefault(name, real)
            self.files.add(real)
        self.package = self.package or package
        if path:
            sys.path[:] = [*path, *(entry for entry in sys.path if entry not in path)]

    def module(self, name: str) -> types.ModuleType:
        """The module of this name: made from its source in the project, else imported."""
        made = sys.modules.get(name)
        if made is not None and (name not in self.project or getattr(made, "__numlift_world__", None) is self):
            return made
        if name not in self.project:
            return importlib.import_module(name)
        if name == "__main__":
            return self.make_main()
        if made is not None:
            del sys.modules[name]
        return importlib.import_module(name)

    def namespace(self, name: str) -> dict[str, Any]:
        """The globals of a module."""
        return self.module(name).__dict__

    def resolve(self, module: str, qualname: str) -> Any:
        """What `module.qualname` names."""
        value: Any = self.module(module)
        for part in qualname.split("."):
            value = getattr(value, part)
        return value

    def code(self, file: str, qualname: str, line: int, column: int) -> types.CodeType:
        """The code object of the function with this qualified name that starts at this line.

        `column` is where its body starts: it tells two lambdas in one line apart.
        """
        codes = walk_code(self.compiled(file))
        found = [code for code in codes if (code.co_qualname, code.co_firstlineno) == (qualname, line)]
        if len(found) > 1:
            found = [code for code in found if body_column(code) == column]
        if not found:
            raise LookupError(f"no function `{qualname}` at line {line} of {file}")
        return found[0]

    def compiled(self, file: str) -> types.CodeType:
        """The whole file's code, never executed as it is."""
        file = os.path.realpath(file)
        if file not in self.codes:
            self.codes[file] = compile(Path(file).read_bytes(), file, "exec", dont_inherit=True)
        return self.codes[file]

    def make_main(self) -> types.ModuleType:
        """`__main__` from the script, registered, with the other one kept alive."""
        file = self.project["__main__"]
        self.kept_main = sys.modules.get("__main__")
        module = types.ModuleType("__main__")
        module.__file__ = file
        module.__builtins__ = __builtins__  # type: ignore[attr-defined]
        sys.modules["__main__"] = module
        if self.package:
            module.__package__ = self.package
            importlib.import_module(self.package)
        self.fill(module, file)
        return module

    def fill(self, module: types.ModuleType, file: str) -> None:
        """Executes the skeleton of a file in a module."""
        module.__numlift_world__ = self  # type: ignore[attr-defined]
        try:
            tree = ast.parse(Path(file).read_bytes(), file)
        except (OSError, SyntaxError, ValueError) as error:
            self.skipped.append(f"{file}: {error}")
            return
        Skeleton(self, module, file).run(tree.body)


class Skeleton:
    """Executes those statements of one module that define names and do nothing else."""

    def __init__(self, world: World, module: types.ModuleType, file: str) -> None:
        self.world = world
        self.namespace = module.__dict__
        self.file = file
        self.flags = 0

    def run(self, body: Iterable[ast.stmt]) -> None:
        for statement in body:
            self.statement(statement)

    def statement(self, statement: ast.stmt) -> None:
        match statement:
            case ast.ImportFrom(module="__future__"):
                self.execute(statement)
            case ast.Import() | ast.ImportFrom() | ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self.execute(statement)
            case ast.Assign(value=value) if is_plain(value):
                self.execute(statement)
            case ast.AnnAssign(value=value) if value is None or is_plain(value):
                self.execute(statement)
            case ast.If(test=test, body=body, orelse=orelse):
                self.branch(test, body, orelse)
            case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=finalbody):
                self.attempt(statement, body, handlers, orelse, finalbody)
            case ast.With(body=body):
                self.run(body)
            case _ if statement.__class__.__name__ == "TypeAlias":
                self.execute(statement)
            case _:
                pass

    def branch(self, test: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt]) -> None:
        """Both branches of an undecidable test are run, the taken one last: a definition is better than none."""
        if is_plain(test):
            try:
                taken = bool(eval(self.compile_expression(test), self.namespace))
            except Exception as error:
                self.skip(test, error)
            else:
                self.run(body if taken else orelse)
                return
        self.run(orelse)
        self.run(body)

    def attempt(
        self,
        statement: ast.Try,
        body: list[ast.stmt],
        handlers: list[ast.ExceptHandler],
        orelse: list[ast.stmt],
        finalbody: list[ast.stmt],
    ) -> None:
        """`try: import x` / `except ImportError: x = None` as it stands; others by their parts."""
        simple = [*body, *orelse, *finalbody, *(inner for handler in handlers for inner in handler.body)]
        if all(is_import(part) or is_plain_assignment(part) for part in simple):
            self.execute(statement)
            return
        self.run(body)
        self.run(orelse)
        self.run(finalbody)

    def execute(self, statement: ast.stmt) -> None:
        module = ast.Module([statement], [])
        try:
            code = compile(module, self.file, "exec", flags=self.flags, dont_inherit=True)
            if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
                self.flags |= code.co_flags & future_flags()
            exec(code, self.namespace)
        except Exception as error:
            self.skip(statement, error)

    def compile_expression(self, expression: ast.expr) -> types.CodeType:
        whole = ast.Expression(expression)
        code: types.CodeType = compile(whole, self.file, "eval", flags=self.flags, dont_inherit=True)
        return code

    def skip(self, node: ast.stmt | ast.expr, error: Exception) -> None:
        self.world.skipped.append(f"{self.file}:{node.lineno}: {type(error).__name__}: {error}")


class SkeletonFinder:
    """Finds the modules of the project and has them made from their sources."""

    def __init__(self, world: World) -> None:
        self.world = world

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        file = self.world.project.get(fullname)
        if file is not None and fullname != "__main__":
            return importlib.util.spec_from_file_location(
                fullname,
                file,
                loader=SkeletonLoader(self.world, fullname, file),
                submodule_search_locations=inside(file),
            )
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.origin is None or not isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            return None
        if os.path.realpath(spec.origin) not in self.world.files and not is_project_file(spec.origin):
            return None
        spec.loader = SkeletonLoader(self.world, fullname, spec.origin)
        return spec


class SkeletonLoader(importlib.machinery.SourceFileLoader):
    """Executes a module's skeleton in place of the module."""

    def __init__(self, world: World, fullname: str, path: str) -> None:
        super().__init__(fullname, path)
        self.world = world

    def exec_module(self, module: types.ModuleType) -> None:
        self.world.fill(module, self.path)


def inside(file: str) -> list[str] | None:
    """Where the submodules of a package are."""
    return [os.path.dirname(file)] if os.path.basename(file) == "__init__.py" else None


def is_plain(expression: ast.expr) -> bool:
    """Whether evaluating it has no effects and runs no code of the program, except to make a type or a constant."""
    for node in ast.walk(expression):
        if isinstance(node, (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)):
            return False
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            return False
        if isinstance(node, ast.Call) and called_name(node) not in MAKERS:
            return False
    return True


def is_import(statement: ast.stmt) -> bool:
    return isinstance(statement, (ast.Import, ast.ImportFrom, ast.Pass))


def is_plain_assignment(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Assign) and is_plain(statement.value)


def called_name(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def future_flags() -> int:
    import __future__

    flags = 0
    for name in __future__.all_feature_names:
        flags |= getattr(__future__, name).compiler_flag
    return flags


def walk_code(code: types.CodeType) -> Iterable[types.CodeType]:
    """A code object and all those inside, in source order."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from walk_code(constant)


def body_column(code: types.CodeType) -> int:
    """The column of the first instruction that stands for text inside the body."""
    for line, _, column, end in code.co_positions():
        if line is not None and column is not None and end is not None and end > column:
            return column
    return 0


def library_roots() -> tuple[str, ...]:
    """Where the standard library and installed packages lie."""
    paths = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    roots = {os.path.realpath(path) for path in paths if path}
    roots.add(os.path.realpath(os.path.dirname(os.__file__)))
    roots.add(os.path.realpath(os.path.dirname(__file__)))
    return tuple(sorted(root + os.sep for root in roots))


LIBRARY_ROOTS = library_roots()


def is_project_file(file: str) -> bool:
    """Whether a file belongs to the user: neither installed, nor of the standard library, nor of numlift."""
    if file.startswith("<") or (not file.endswith((".py", ".pyw")) and os.path.splitext(file)[1]):
        return False
    real = os.path.realpath(file)
    if not os.path.isabs(real) or INSTALLED.intersection(Path(real).parts):
        return False
    return not real.startswith(LIBRARY_ROOTS)
