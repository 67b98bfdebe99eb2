"""The verifier against the near misses: what must not be lifted would be caught if it were.

Each pair in `tests/near_misses` has an array form that is right for `lifted.py` and wrong for `refused.py`. Here the
form takes the place of the loop in both, on the arguments with which the script itself calls its kernel.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import io
import json
import sys
import textwrap
import types
from pathlib import Path
from typing import Any, TypeGuard

import pytest
from numlift import _native, _snapshot, _verify, _world

Json = dict[str, Any]
NEAR_MISSES = Path(__file__).resolve().parents[1] / "near_misses"
PAIRS = sorted(path.parent for path in NEAR_MISSES.glob("*/form.py"))
# Their inputs cannot be kept: an open file, a running generator.
NOT_KEPT = {"writes_a_file", "generator_argument"}
# Every run reads another time, so no two of them agree.
CLOCK = {"clock_in_the_loop"}
# The form stands for a part of the loop only.
IN_PART = {"list_item_is_replaced"}
KEPT = [pair for pair in PAIRS if pair.name not in NOT_KEPT | CLOCK]


def name_of(pair: Path) -> str:
    return pair.name


def is_kernel(statement: ast.AST) -> TypeGuard[ast.FunctionDef]:
    return isinstance(statement, ast.FunctionDef) and statement.name == "kernel"


def kernel(path: Path) -> tuple[str, ast.FunctionDef]:
    """The statements of a file's kernel, and its definition."""
    text = path.read_text()
    for node in ast.parse(text).body:
        if is_kernel(node):
            lines = text.splitlines()[node.body[0].lineno - 1 : node.end_lineno]
            return textwrap.dedent("\n".join(lines)) + "\n", node
    raise LookupError(path)


def captures(directory: Path, script: Path, name: str, node: ast.FunctionDef) -> list[Json]:
    """Snapshots of the arguments of each call that the script makes."""
    module = types.ModuleType(name)
    module.__file__ = str(script)
    sys.modules[name] = module
    names = frozenset(inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name))
    attributes = frozenset(inner.attr for inner in ast.walk(node) if isinstance(inner, ast.Attribute))
    found: list[Json] = []

    def recording(function: Any) -> Any:
        def call(*args: Any) -> Any:
            project, path = {name: str(script)}, (str(script.parent),)
            scope = _snapshot.Scope(str(script), name, "kernel", names | attributes, project, path)
            live = dict(zip((argument.arg for argument in node.args.args), args))
            live.update({key: value for key, value in vars(module).items() if key in names and key not in live})
            path = str(directory / f"{name}_{len(found)}.snap")
            _snapshot.save(path, live, scope, _snapshot.Limits())
            # A script may stop at the exception that it is about.
            found.append({"path": path, "raised": True})
            return function(*args)

        return call

    tree = ast.parse(script.read_text(), str(script))
    at = next(
        at
        for at, statement in enumerate(tree.body)
        if isinstance(statement, ast.FunctionDef) and statement.name == "kernel"
    )
    for part in (tree.body[: at + 1], tree.body[at + 1 :]):
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(Exception):
            exec(compile(ast.Module(part, []), str(script), "exec"), module.__dict__)
        if part is not tree.body:
            module.__dict__["kernel"] = recording(module.__dict__["kernel"])
    return found


def verdict(directory: Path, script: Path, **changes: Any) -> Json:
    old, node = kernel(script)
    new, _ = kernel(script.parent / "form.py")
    name = f"{script.parent.name}_{script.stem}"
    found = captures(directory, script, name, node)
    del sys.modules[name]
    inside = [inner for statement in node.body for inner in ast.walk(statement) if isinstance(inner, ast.Name)]
    parameters = [argument.arg for argument in node.args.args]
    defined = {
        statement.name for statement in ast.parse(script.read_text()).body if isinstance(statement, ast.FunctionDef)
    }
    read = {inner.id for inner in inside if not hasattr(builtins, inner.id) or inner.id in defined}
    job = {
        "region": 0,
        "old": old,
        "new": new,
        "imports": ["import math", "import numpy as np"],
        "module": {"file": str(script), "name": name, "function": "kernel", "line": node.body[0].lineno},
        "live_in": sorted({*read, *parameters}),
        "binds": sorted({inner.id for inner in inside if not isinstance(inner.ctx, ast.Load)}),
        "live_out": [],
        "returns": True,
        "captures": found,
        "proven": [{"t": fact, "name": name} for name in parameters for fact in ("type", "contiguous")],
        "policy": {"strength": "rounding", "allow": [{"t": "warnings"}]},
        **changes,
    }
    world = _world.World()
    try:
        answer: Json = json.loads(_verify.verify(json.dumps(job), world, _native.verify))
    finally:
        world.close()
        sys.modules.pop(name, None)
    return answer


@pytest.mark.parametrize("pair", KEPT, ids=name_of)
def test_what_must_be_refused_is_caught(pair: Path, tmp_path: Path) -> None:
    answer = verdict(tmp_path, pair / "refused.py")
    assert answer["error"] is None
    assert not answer["agree"]
    assert answer["differences"]


@pytest.mark.parametrize("pair", [pair for pair in KEPT if pair.name not in IN_PART], ids=name_of)
def test_what_is_lifted_passes_on_its_own_inputs(pair: Path, tmp_path: Path) -> None:
    """The forms are right up to the container and the kind of number that they give back."""
    loose = [{"t": kind, "name": "return value"} for kind in ("container", "scalar_type")]
    policy = {"strength": "rounding", "allow": [{"t": "warnings"}, *loose]}
    answer = verdict(tmp_path, pair / "lifted.py", hostile=0, policy=policy)
    assert answer["error"] is None
    assert answer["agree"], answer["differences"][:1]


@pytest.mark.parametrize("name", sorted(CLOCK))
def test_what_differs_from_itself_has_no_verdict(name: str, tmp_path: Path) -> None:
    answer = verdict(tmp_path, NEAR_MISSES / name / "refused.py")
    assert answer["error"].startswith("two runs of the old text differ")
