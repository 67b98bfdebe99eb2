"""Drives worker processes in tests: plans from a program's loops, jobs, reports."""

from __future__ import annotations

import ast
import builtins
import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]
# A shell without job control starts what runs in the background with Ctrl-C ignored, and children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
PYTHON = Path(__file__).resolve().parents[2] / "python"


def write(directory: Path, name: str, text: str) -> Path:
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text).lstrip("\n"))
    return path


def loops(file: Path, first_id: int = 0) -> list[Json]:
    """Every loop of a file as a region, nested ones with their parent."""
    return list(regions(file, lambda node: isinstance(node, (ast.For, ast.While)), first_id))


def regions(file: Path, wanted: Callable[[ast.stmt], bool], first_id: int = 0) -> Iterator[Json]:
    number = first_id

    def visit(node: ast.AST, function: str, parent: int | None) -> Iterator[Json]:
        nonlocal number
        for child in ast.iter_child_nodes(node):
            name, inside = function, parent
            if isinstance(child, (ast.FunctionDef, ast.ClassDef)):
                name = child.name if function == "<module>" else f"{function}.{child.name}"
                inside = None
            elif isinstance(child, ast.stmt) and wanted(child):
                yield region(file, child, number, function, parent)
                inside = number
                number += 1
            yield from visit(child, name, inside)

    yield from visit(ast.parse(file.read_bytes()), "<module>", None)


def region(file: Path, node: ast.stmt, number: int, function: str, parent: int | None) -> Json:
    names = [inner for inner in ast.walk(node) if isinstance(inner, ast.Name)]
    binds = sorted({name.id for name in names if isinstance(name.ctx, ast.Store)})
    reads = sorted({name.id for name in names if not hasattr(builtins, name.id)})
    return {
        "id": number,
        "file": str(file),
        "function": function,
        "start": {"line": node.lineno, "column": node.col_offset},
        "end": {"line": node.end_lineno, "column": node.end_col_offset},
        "live_in": reads,
        "binds": binds,
        "live_out": binds,
        "returns": any(isinstance(inner, ast.Return) for inner in ast.walk(node)),
        "parent": parent,
    }


def program(target: Path | str, *args: str, kind: str = "script", cwd: Path | None = None) -> Json:
    cwd = cwd or (target.parent if isinstance(target, Path) else Path.cwd())
    return {"kind": kind, "target": str(target), "args": list(args), "cwd": str(cwd)}


def plan(job: Path, what: Json, found: list[Json], **changes: Any) -> None:
    job.mkdir(exist_ok=True)
    message = {
        "version": 1,
        "program": what,
        "regions": found,
        "for_seconds": None,
        "captures_per_signature": 2,
        "max_capture_bytes": 1 << 28,
        "max_total_bytes": 1 << 30,
        "stdin": None,
        "echo": False,
        **changes,
    }
    (job / "plan.json").write_text(json.dumps(message))


def environment() -> dict[str, str]:
    env = {key: value for key, value in os.environ.items() if key not in ("PYTHONHASHSEED", "PYTHONPATH")}
    return {**env, "PYTHONPATH": str(PYTHON)}


def start(kind: str, job: Path, **popen: Any) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "numlift._worker", kind, str(job)]
    return subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, **popen)


def worker(kind: str, job: Path, stdin: bytes = b"") -> tuple[bytes, bytes, int]:
    process = start(kind, job, stdin=subprocess.PIPE)
    out, err = process.communicate(stdin, timeout=120)
    return out, err, process.returncode


def watch(directory: Path, what: Json, found: list[Json], stdin: bytes = b"", **changes: Any) -> Json:
    """Watches a program and gives the report, with what it printed under `printed` and `errors`."""
    job = directory / "job"
    plan(job, what, found, **changes)
    _, err, _ = worker("watch", job, stdin)
    assert (job / "watch.json").exists(), err.decode()
    return report(job, "watch.json")


def report(job: Path, name: str) -> Json:
    message: Json = json.loads((job / name).read_text())
    message["printed"] = Path(message["outcome"]["stdout"]).read_text()
    message["errors"] = Path(message["outcome"]["stderr"]).read_text()
    return message


def run(directory: Path, what: Json, overlay: dict[str, str], entropy: str | None = None, **changes: Any) -> Json:
    job = directory / "run"
    job.mkdir(exist_ok=True)
    message = {
        "version": 1,
        "program": what,
        "overlay": overlay,
        "entropy": entropy,
        "timeout_seconds": None,
        **changes,
    }
    (job / "run.json").write_text(json.dumps(message))
    _, err, _ = worker("run", job)
    assert (job / "ran.json").exists(), err.decode()
    return report(job, "ran.json")


def plainly(script: Path, *args: str, stdin: bytes = b"", **popen: Any) -> subprocess.CompletedProcess[bytes]:
    """`python script.py` by itself."""
    command = [sys.executable, str(script), *args]
    return subprocess.run(
        command, cwd=script.parent, env=environment(), input=stdin, capture_output=True, check=False, **popen
    )
