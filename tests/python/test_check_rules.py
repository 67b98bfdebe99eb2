"""Fixes of `numlift check`, run against what they replace.

Each function of `tests/rules/*.py` says above it what is to be expected: `safe` (`--fix` changes it, and nothing can
tell on hostile inputs), `unsafe` (only `--unsafe-fixes` changes it, and on inputs that are no trap the results are
close), `trap` (likewise, and it is another result) or `none` (nothing is found in it).
"""

from __future__ import annotations

import ast
import itertools
import json
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

RULES = Path(__file__).parent.parent / "rules"
GRID = np.arange(24, dtype=float).reshape(4, 6)

HOSTILE: list[Any] = [
    [],
    [[]],
    3.5,
    0,
    np.float64(-1.0),
    [1.5, -2.0, 0.0],
    [3, -1, 2, 3],
    [True, False],
    np.array([np.nan, 1.0, np.inf, -np.inf, -0.0, 0.0]),
    np.array([-0.0, 0.0]),
    np.array([], dtype=np.int8),
    np.array(7),
    np.array([127, -128, 100, 3], dtype=np.int8),
    np.array([2**40, 3, -(2**62)]),
    np.array([0, 255], dtype=np.uint8),
    GRID,
    GRID[::2, ::-3],
    GRID.T,
    np.asfortranarray(GRID),
    np.zeros((0, 3)),
    np.zeros((3, 0)),
    np.ones((2, 2, 2)),
    np.array([1 + 2j, 0]),
    np.array(["a", "b"]),
    np.array([[1], "a", None], dtype=object),
    None,
    "text",
]
TAME: dict[str, list[Any]] = {
    "x": [np.array([0.5, -1.25, 3.0, 2.0]), np.array([4.0, 1.0, 2.5])],
    "A": [np.array([[4.0, 1.0, 0.5], [0.25, 3.0, 1.0], [1.0, 0.5, 5.0]])],
    "B": [np.array([[1.0, 2.0, 3.0], [0.5, 4.0, 1.5], [2.0, 1.0, 0.25]])],
    "b": [np.array([1.0, -2.0, 0.5])],
    "n": [1, 4],
}


def numlift(arguments: list[str], source: str) -> str:
    command = [sys.executable, "-m", "numlift", "check", "-", *arguments]
    done = subprocess.run(command, input=source, capture_output=True, text=True, timeout=120)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def functions(source: str) -> Iterator[tuple[str, str, ast.FunctionDef]]:
    lines = source.splitlines()
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.FunctionDef):
            above = lines[statement.lineno - 2].removeprefix("# ")
            if above in ("safe", "unsafe", "trap", "none"):
                yield above, statement.name, statement


def body(source: str, name: str) -> str:
    found = [statement for _, _, statement in functions(source) if statement.name == name]
    return ast.unparse(found[0])


def module(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(source, "<rules>", "exec"), names)
    return names


def outcome(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    copies = [
        np.array(value, order="K", subok=False) if isinstance(value, np.ndarray) else value for value in arguments
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return "gives", plain(function(*copies)), [plain(copy) for copy in copies]
        except Exception as error:
            return "raises", type(error)


def plain(value: Any) -> Any:
    """A value as something that `==` compares with type, dtype, shape and every bit."""
    if isinstance(value, np.ndarray) and value.dtype != object:
        return type(value), value.dtype, value.shape, np.ascontiguousarray(value).tobytes()
    if isinstance(value, np.generic):
        return type(value), value.dtype, value.tobytes()
    if isinstance(value, np.ndarray):
        return type(value), value.shape, [plain(item) for item in value.ravel().tolist()]
    if isinstance(value, (list, tuple)):
        return type(value), [plain(item) for item in value]
    return type(value), repr(value)


def given(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return function(*[np.array(value) if isinstance(value, np.ndarray) else value for value in arguments])
        except IndexError:
            return "IndexError"


def close(old: Any, new: Any) -> bool:
    if isinstance(old, tuple):
        return isinstance(new, tuple) and all(close(a, b) for a, b in zip(old, new, strict=True))
    if isinstance(old, str):
        return bool(old == new)
    return np.shape(old) == np.shape(new) and np.allclose(old, new, rtol=1e-9, atol=0, equal_nan=True)


@pytest.mark.parametrize("path", sorted(RULES.glob("*.py")), ids=lambda path: path.stem)
def test_fixes_are_what_they_say(path: Path) -> None:
    source = path.read_text()
    safe, everything = numlift(["--fix"], source), numlift(["--fix", "--unsafe-fixes"], source)
    found = json.loads(numlift(["--output-format", "json"], source))
    old, new_safe, new_all = module(source), module(safe), module(everything)
    seen = set()
    for expected, name, statement in functions(source):
        seen.add(expected)
        lines = range(statement.lineno, (statement.end_lineno or 0) + 1)
        codes = [item["code"] for item in found if item["location"]["row"] in lines]
        changed_safe = body(source, name) != body(safe, name)
        changed = body(source, name) != body(everything, name)
        parameters = [argument.arg for argument in statement.args.args]
        if expected == "none":
            assert codes == [], name
            continue
        assert codes, name
        assert changed and changed_safe == (expected == "safe"), name
        if expected == "safe":
            for arguments in itertools.product(HOSTILE, repeat=len(parameters)):
                before, after = outcome(old[name], arguments), outcome(new_safe[name], arguments)
                assert before == after, (name, arguments)
        for arguments in itertools.product(*(TAME[parameter] for parameter in parameters)):
            before, after = given(old[name], arguments), given(new_all[name], arguments)
            assert close(before, after) == (expected != "trap"), (name, arguments)
    assert {"none"} < seen


def test_fixes_come_to_rest() -> None:
    for path in sorted(RULES.glob("*.py")):
        once = numlift(["--fix", "--unsafe-fixes"], path.read_text())
        assert numlift(["--fix", "--unsafe-fixes"], once) == once, path
