"""What is known of regions and names from the text alone, held against CPython."""

from __future__ import annotations

import ast
import collections
import json
import random
import subprocess
import symtable
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import random_names
from random_flow import Writer, poisoned, run

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = 60


def example(package: str, name: str, files: list[Path]) -> list[str]:
    """The lines that an example prints for some files."""
    command = ["cargo", "run", "--quiet", "--package", package, "--example", name, "--", *map(str, files)]
    return subprocess.run(command, cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE).stdout.splitlines()


def test_names_that_do_not_matter_can_be_poisoned(tmp_path: Path) -> None:
    sources = {}
    for seed in range(PROGRAMS):
        source = Writer(random.Random(seed)).program()
        # `(x := …)` may not be the target of a comprehension around it.
        if is_accepted(source):
            path = tmp_path / f"{seed}.py"
            path.write_text(source)
            sources[str(path)] = source
    outcomes = {path: run(source) for path, source in sources.items()}
    tested: collections.Counter[str] = collections.Counter()
    for line in example("numlift_region", "regions", [Path(path) for path in sources]):
        region = json.loads(line)
        path = region["spec"]["file"]
        source, expected = sources[path], outcomes[path]
        # Where a name is unbound, poison makes it bound.
        if expected[1] in ("NameError", "UnboundLocalError", "TooLong"):
            continue
        for test, copy in poisoned(source, region).items():
            tested[test] += 1
            found = run(copy)
            assert found == expected or found[1] == "TooLong", f"{test}: {region}\n\n{source}"
    assert len(tested) == 5 and min(tested.values()) > 10, tested


def is_accepted(source: str) -> bool:
    try:
        compile(source, "program", "exec")
    except SyntaxError:
        return False
    return True


def test_names_mean_what_they_are_resolved_to(tmp_path: Path) -> None:
    sources = {}
    for seed in range(400):
        source = random_names.Writer(random.Random(seed)).program()
        if is_accepted(source):
            path = tmp_path / f"{seed}.py"
            path.write_text(source)
            sources[str(path)] = source
    meanings: dict[str, dict[tuple[int, int], str]] = {path: {} for path in sources}
    for line in example("numlift_source", "names", [Path(path) for path in sources]):
        word, _, rest = line.partition(" ")
        if word == "file":
            found = meanings[rest]
        elif word == "meaning":
            row, column, meaning = rest.split(" ", 2)
            found[int(row), int(column)] = meaning
    total = 0
    for path, source in sources.items():
        seen, wrong = random_names.run(source, meanings[path])
        assert not wrong, f"{wrong}\n\n{source}"
        total += seen
    assert total > 500


def corpus() -> list[Path]:
    """A part of the standard library and of NumPy, the same in every run."""
    roots = [Path(sysconfig.get_paths()["stdlib"]), Path(np.__file__).parent]
    installed = roots[0] / "site-packages"
    files = [path for root in roots for path in sorted(root.rglob("*.py"))]
    files = [path for path in files if installed not in path.parents]
    return random.Random(0).sample(files, 120)


@pytest.fixture(scope="module")
def described() -> dict[str, list[list[str]]]:
    """What numlift says of each file of the corpus."""
    files: dict[str, list[list[str]]] = {}
    for line in example("numlift_source", "names", corpus()):
        if line.startswith("file "):
            lines = files.setdefault(line.removeprefix("file "), [])
        else:
            lines.append(line.split(" "))
    return files


def test_statements_stand_where_ast_has_them(described: dict[str, list[list[str]]]) -> None:
    for path, lines in described.items():
        source = Path(path).read_bytes()
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError):
            assert lines[0][0] == "error", path
            continue
        found = sorted(tuple(map(int, line[1:])) for line in lines if line[0] == "statement")
        assert found == sorted(statements(tree, source)), path


def statements(tree: ast.AST, source: bytes) -> Iterator[tuple[int, ...]]:
    rows = source.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield 0, 0, node.end_lineno, node.end_col_offset
            continue
        # What `ast` calls an `if` inside of `else` is a clause.
        is_clause = isinstance(node, ast.If) and rows[node.lineno - 1][node.col_offset :].startswith(b"elif")
        if isinstance(node, ast.stmt) and not is_clause:
            yield node.lineno, node.col_offset, node.end_lineno, node.end_col_offset


def test_names_belong_where_symtable_has_them(described: dict[str, list[list[str]]]) -> None:
    compared = 0
    for path, lines in described.items():
        if lines and lines[0][0] == "error":
            continue
        source = Path(path).read_bytes().decode("utf-8-sig", "replace")
        # `symtable` leaves annotations out then.
        if "from __future__ import annotations" in source:
            continue
        scopes = known_names(source, path)
        for _, kind, line, name, place in (line for line in lines if line[0] == "use"):
            # CPython 3.12 has no scopes for comprehensions any more.
            if kind == "comprehension":
                continue
            known = [names.get(name) for names in scopes[kind, 0 if kind == "module" else int(line)]]
            assert place in known, (path, kind, line, name, place, known)
            compared += 1
    assert compared > 10_000


def known_names(source: str, path: str) -> dict[tuple[str, int], list[dict[str, str]]]:
    """The names of all scopes of a kind that begin on a line, decorators included."""
    decorated = {
        (node.name, node.lineno): min(decorator.lineno for decorator in node.decorator_list)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.decorator_list
    }
    scopes: dict[tuple[str, int], list[dict[str, str]]] = collections.defaultdict(list)
    waiting: list[Any] = [symtable.symtable(source, path, "exec")]
    while waiting:
        table = waiting.pop()
        waiting.extend(table.get_children())
        kind = "lambda" if table.get_name() == "lambda" else str(table.get_type())
        line = 0 if kind == "module" else decorated.get((table.get_name(), table.get_lineno()), table.get_lineno())
        scopes[kind, line].append({symbol.get_name(): place_of(symbol, kind) for symbol in table.get_symbols()})
    return scopes


def place_of(symbol: symtable.Symbol, kind: str) -> str:
    if kind == "module":
        return "local" if symbol.is_assigned() or symbol.is_imported() or symbol.is_local() else "global"
    if symbol.is_free():
        return "free"
    return "local" if symbol.is_local() and not symbol.is_declared_global() else "global"
