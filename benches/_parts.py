"""Times the parts of a program that were rewritten, apart from the rest.

Three versions of one file are held against each other: the original, numlift's and the expert's. A part is what is not
the same in all three: a function or method, or a run of statements of the module between two that all versions share.
In numlift's and the expert's version each part is wrapped,

    def std(values):                     def std(values):
        return values.std()       =>         __part__.enter("std")
                                             try:
                                                 return values.std()
                                             finally:
                                                 __part__.leave("std")

and the version is executed by `run_version` in a process of its own. A function that only one of the two versions has
counts in what calls it.
"""

from __future__ import annotations

import ast
import difflib
import json
import sys
import time
import types
from pathlib import Path
from typing import Any

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
NAME = "__part__"


def instrumented(original: Path, versions: list[Path]) -> list[dict[str, str]]:
    """For each version its files, by name, with every part wrapped."""
    texts = [files_of(path) for path in (original, *versions)]
    made: list[dict[str, str]] = [{} for _ in versions]
    for file in texts[1]:
        if any(file not in text for text in texts):
            continue
        trees = [ast.parse(text[file]) for text in texts]
        prefix = "" if len(texts[1]) == 1 else f"{Path(file).stem}."
        wrap(trees, prefix)
        for version, tree in zip(made, trees[1:]):
            version[file] = ast.unparse(ast.fix_missing_locations(tree))
    for version, text in zip(made, texts[1:]):
        for file in text:
            version.setdefault(file, text[file])
    return made


def files_of(path: Path) -> dict[str, str]:
    if not path.is_dir():
        return {path.name: path.read_text(encoding="utf-8")}
    return {file.relative_to(path).as_posix(): file.read_text(encoding="utf-8") for file in sorted(path.rglob("*.py"))}


def wrap(trees: list[ast.Module], prefix: str) -> None:
    """Wraps the parts of numlift's and the expert's tree."""
    functions = [functions_of(tree) for tree in trees]
    for name in functions[0]:
        if not all(name in found for found in functions):
            continue
        if len({ast.dump(found[name]) for found in functions}) > 1:
            for found in functions[1:]:
                found[name].body = [timed(f"{prefix}{name}", found[name].body)]
    wrap_module(trees, prefix)


def functions_of(tree: ast.Module) -> dict[str, Any]:
    """The functions and methods of a module, by their qualified names."""
    found: dict[str, Any] = {}
    for node in tree.body:
        if isinstance(node, FUNCTIONS):
            found[node.name] = node
        elif isinstance(node, ast.ClassDef):
            found.update(
                (f"{node.name}.{method.name}", method) for method in node.body if isinstance(method, FUNCTIONS)
            )
    return found


def wrap_module(trees: list[ast.Module], prefix: str) -> None:
    """Wraps what stands between statements that all versions share."""
    dumps = [[dump(node) for node in tree.body] for tree in trees]
    places = [matched(dumps[0], other) for other in dumps[1:]]
    shared = [at for at in range(len(dumps[0])) if all(at in place for place in places)]
    original = trees[0].body
    for tree, place in zip(trees[1:], places):
        body: list[ast.stmt] = []
        before_old = before_new = -1
        for at in [*shared, len(original)]:
            new = place[at] if at < len(original) else len(tree.body)
            gap = tree.body[before_new + 1 : new]
            lines = original[before_old + 1 : at]
            first = lines[0].lineno if lines else 1
            last = lines[-1].end_lineno if lines else 1
            body += wrapped_gap(f"{prefix}lines {first}-{last}", gap)
            body += tree.body[new : new + 1]
            before_old, before_new = at, new
        tree.body = body


def wrapped_gap(name: str, gap: list[ast.stmt]) -> list[ast.stmt]:
    """Imports, definitions and docstrings stay outside."""
    apart = [node for node in gap if is_apart(node)]
    rest = [node for node in gap if not is_apart(node)]
    return [*apart, timed(name, rest)] if rest else apart


def is_apart(node: ast.stmt) -> bool:
    is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_docstring or isinstance(node, (ast.Import, ast.ImportFrom, ast.ClassDef, *FUNCTIONS))


def dump(node: ast.stmt) -> str:
    """Definitions are told apart by name alone; their bodies are parts of their own."""
    return f"def {node.name}" if isinstance(node, (ast.ClassDef, *FUNCTIONS)) else ast.dump(node)


def matched(old: list[str], new: list[str]) -> dict[int, int]:
    """Which statement of `new` each of `old` is."""
    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return {block.a + k: block.b + k for block in blocks for k in range(block.size)}


def timed(name: str, body: list[ast.stmt]) -> ast.stmt:
    return ast.Try([call("enter", name), *body], [], [], [call("leave", name)])


def call(method: str, name: str) -> ast.stmt:
    return ast.Expr(ast.Call(ast.Attribute(ast.Name(NAME, ast.Load()), method, ast.Load()), [ast.Constant(name)], []))


class Parts:
    """Seconds by part, and of all parts together; of nested ones the outermost counts.

    Of a function it is the seconds of one call: one version may call it more often than the other.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.calls: dict[str, int] = {}
        self.depth: dict[str, int] = {}
        self.began: dict[str, float] = {}

    def enter(self, name: str) -> None:
        for entered in ("", name):
            depth = self.depth.get(entered, 0)
            self.depth[entered] = depth + 1
            if depth == 0:
                self.calls[entered] = self.calls.get(entered, 0) + 1
                self.began[entered] = time.perf_counter()

    def leave(self, name: str) -> None:
        now = time.perf_counter()
        for left in (name, ""):
            self.depth[left] -= 1
            if self.depth[left] == 0:
                self.seconds[left] = self.seconds.get(left, 0.0) + now - self.began[left]

    def times(self) -> dict[str, float]:
        """Seconds by part; under the empty name all of them together."""
        return {name: seconds / (self.calls[name] if name else 1) for name, seconds in self.seconds.items()}


def run_version(main: str) -> None:
    """Executes an instrumented version; the last line that is printed is its times."""
    import builtins

    import numpy  # noqa: F401 (importing it is in no version's time)

    parts = Parts()
    setattr(builtins, NAME, parts)
    sys.argv = [main]
    sys.path[0] = str(Path(main).parent)
    module = types.ModuleType("__main__")
    module.__file__ = main
    sys.modules["__main__"] = module
    code = compile(Path(main).read_text(encoding="utf-8"), main, "exec")
    began = time.perf_counter()
    exec(code, module.__dict__)
    whole = time.perf_counter() - began
    print("\n" + json.dumps({"whole": whole, "parts": parts.times()}))


if __name__ == "__main__":
    run_version(sys.argv[1])
