"""Drives the verifier in tests: a region with its inputs, an old and a new text, the verdict."""

from __future__ import annotations

import ast
import builtins
import itertools
import json
import os
import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numlift import _native, _outline, _snapshot, _verify, _world

Json = dict[str, Any]
NUMBERS = itertools.count()


@dataclass
class Region:
    """A region under test."""

    # The module that it stands in, executed for its definitions.
    module: str
    # Statements that make the live-ins; run once for each captured input with `case` counting up.
    inputs: str
    old: str
    live_out: list[str]
    # The enclosing function; `<module>` for a region at module level.
    function: str = "region"
    parameters: list[str] = field(default_factory=list)
    cases: int = 1
    imports: list[str] = field(default_factory=list)
    job: Json = field(default_factory=dict)


def verify(directory: Path, region: Region, new: str, **changes: Any) -> Json:
    """The verdict on a new text for a region."""
    name = f"verified{next(NUMBERS)}"
    path = directory / f"{name}.py"
    path.write_text(source(region))
    world = _world.World({name: str(path)}, [str(directory)])
    try:
        job = make_job(directory, path, name, region, new, world)
        job.update(region.job)
        job.update(changes)
        return json.loads(_verify.verify(json.dumps(job), world, _native.verify))
    finally:
        world.close()


def source(region: Region) -> str:
    """The module with the region in its function."""
    head = textwrap.dedent(region.module).strip() + "\n"
    old = textwrap.dedent(region.old).strip() + "\n"
    if region.function == "<module>":
        return f"{head}if False:\n{textwrap.indent(old, '    ')}"
    owner, _, name = region.function.rpartition(".")
    text = f"def {name}({', '.join(region.parameters)}):\n{textwrap.indent(old, '    ')}"
    return f"{head}{textwrap.indent(text, '    ') if owner else text}"


def make_job(directory: Path, path: Path, name: str, region: Region, new: str, world: _world.World) -> Json:
    old = textwrap.dedent(region.old).strip() + "\n"
    at_module = region.function == "<module>"
    namespace = world.namespace(name)
    lines = [line.strip() for line in path.read_text().splitlines()]
    head = f"def {region.function.rpartition('.')[2]}({', '.join(region.parameters)}):"
    start = 0 if at_module else lines.index(head) + 1
    line = lines.index(old.splitlines()[0].strip(), start) + 1
    binds = sorted(set().union(*(_outline.bound_names(statement) for statement in ast.parse(old).body)))
    read = {node.id for node in ast.walk(ast.parse(old)) if isinstance(node, ast.Name)}
    captures = []
    live_in = sorted(read - set(dir(builtins)))
    for case in range(region.cases):
        made: Json = {**namespace, "case": case}
        exec(textwrap.dedent(region.inputs), made)
        names = {key: value for key, value in made.items() if key in read and not key.startswith("__")}
        file = str(directory / f"{name}_{case}.snap")
        scope = _snapshot.Scope(str(path), name, region.function, frozenset(read), {name: str(path)}, (str(directory),))
        _snapshot.save(file, names, scope, _snapshot.Limits())
        captures.append({"path": file, "raised": False})
    return {
        "region": 0,
        "name": f"{path.name}:{line}",
        "old": old,
        "new": textwrap.dedent(new).strip() + "\n",
        "imports": region.imports,
        "module": {
            "file": str(path),
            "project_root": os.fspath(directory),
            "name": name,
            "function": region.function,
            "line": line,
        },
        "module_level": at_module,
        "live_in": live_in,
        "binds": binds,
        "live_out": region.live_out,
        "returns": any(isinstance(node, ast.Return) for node in ast.walk(ast.parse(old))),
        "captures": captures,
        "hostile": 200,
        "seed": 1,
        "budget_seconds": 30.0,
    }
