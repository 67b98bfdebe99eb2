"""The same programs with other names and other sizes: nothing that numlift does may hang on either.

Every variable, parameter and function that a program defines gets another name, in the original and in the expert's
version alike, and numbers of 100 and more that a name is bound to become smaller by a tenth. Names of modules,
attributes, methods and keywords of other people's functions stay.
"""

from __future__ import annotations

import ast
import builtins
import copy
from pathlib import Path

LEAST = 100
FACTOR = 0.9


def renamed(programs: list[Path], folder: Path) -> list[Path]:
    """Writes each program (a script, or a folder of modules) under its own name, all with one and the same renaming."""
    trees = [{file: ast.parse(file.read_text(encoding="utf-8")) for file in files_of(path)} for path in programs]
    modules = {file.stem for files in trees for file in files}
    names: set[str] = set()
    for files in trees:
        for tree in files.values():
            names |= own_names(tree) - modules
    written = []
    for number, (path, files) in enumerate(zip(programs, trees)):
        into = folder / str(number)
        for file, tree in files.items():
            target = into / file.relative_to(path.parent)
            target.parent.mkdir(parents=True, exist_ok=True)
            changed = Renamer(names, modules).visit(copy.deepcopy(tree))
            target.write_text(ast.unparse(ast.fix_missing_locations(changed)) + "\n", encoding="utf-8")
        written.append(into / path.name)
    return written


def files_of(path: Path) -> list[Path]:
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]


def own_names(tree: ast.Module) -> set[str]:
    """Names that the text binds, those of imports, classes and methods aside."""
    names: set[str] = set()
    methods = {part for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for part in node.body}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.FunctionDef) and node not in methods:
            names.add(node.name)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            names.add(node.name)
    return {name for name in names if not hasattr(builtins, name) and not name.startswith("__")}


class Renamer(ast.NodeTransformer):
    """Other names, other sizes."""

    def __init__(self, names: set[str], modules: set[str]) -> None:
        self.names = names
        self.modules = modules

    def new(self, name: str) -> str:
        return f"q_{name[::-1]}" if name in self.names else name

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self.new(node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg = self.new(node.arg)
        return self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        function = node.func
        by_name = isinstance(function, ast.Name) and not hasattr(builtins, function.id)
        by_module = isinstance(function, ast.Attribute) and ast.unparse(function.value) in self.modules
        if by_name or by_module:
            for keyword in node.keywords:
                keyword.arg = self.new(keyword.arg) if keyword.arg else None
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self.new(node.name)
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        methods = {part.name: part for part in node.body if isinstance(part, ast.FunctionDef)}
        self.generic_visit(node)
        for name, method in methods.items():
            method.name = name
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        node.name = self.new(node.name) if node.name else None
        return self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id in self.modules:
            node.attr = self.new(node.attr)
        return self.generic_visit(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        if node.module in self.modules or node.level:
            for alias in node.names:
                alias.name = self.new(alias.name)
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        value = node.value
        if isinstance(value, ast.Constant) and type(value.value) is int and value.value >= LEAST:
            value.value = int(value.value * FACTOR)
        return self.generic_visit(node)
