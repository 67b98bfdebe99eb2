"""The programs that the other tests stand on do what their comments say.

Every example and variant agrees with the expert's version, each pair of near misses runs, and the array form beside a
pair is right for `lifted.py` and wrong for `refused.py`: a pair whose trap nobody could see would test nothing.

Comments at the head of a near miss: `lift:` the array form in words, `refuse:` what stands against that form, `or:`
another form, or one for a part of the loop, that is right all the same, `at:` the line of the loop.
"""

from __future__ import annotations

import ast
import contextlib
import io
import math
import re
import subprocess
import sys
import traceback
import warnings
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent
EXAMPLES = TESTS.parent / "examples"
VARIANTS = TESTS / "variants"
EXPERT = TESTS / "expert"
NEAR_MISSES = TESTS / "near_misses"
HELD_OUT = TESTS / "loops_heldout"

NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\binf\b|\bnan\b)")
TIMING = re.compile(r"[\d.e+-]+ seconds")


def programs(folder: Path) -> list[Path]:
    """The scripts of a folder, and `main.py` of each program that has several modules."""
    return sorted([*folder.glob("*.py"), *folder.glob("*/main.py")])


def run(program: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error::SyntaxWarning", str(program)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def split_numbers(text: str) -> tuple[str, list[float]]:
    """The words of an output, with a mark for each number and for each timing, and the numbers."""
    text = TIMING.sub("<timing>", text)
    return re.sub(r"\s+", " ", NUMBER.sub("<number>", text)), [float(number) for number in NUMBER.findall(text)]


def assert_same_output(left: str, right: str) -> None:
    left_words, left_numbers = split_numbers(left)
    right_words, right_numbers = split_numbers(right)
    assert left_words == right_words
    assert left_numbers == pytest.approx(right_numbers, rel=1e-9, abs=2e-6, nan_ok=True)
    for left_number, right_number in zip(left_numbers, right_numbers, strict=True):
        assert left_number != 0 or math.copysign(1, left_number) == math.copysign(1, right_number)


def is_same_output(left: str, right: str) -> bool:
    try:
        assert_same_output(left, right)
    except AssertionError:
        return False
    return True


def test_every_example_and_variant_has_an_experts_version() -> None:
    # The trap has none: nothing in it can be faster.
    assert names(EXPERT) == names(EXAMPLES) - {"trap.py"}
    assert names(EXPERT / "variants") == names(VARIANTS)


def names(folder: Path) -> set[str]:
    return {str(program.relative_to(folder)) for program in programs(folder)}


@pytest.mark.parametrize("program", programs(EXPERT), ids=lambda path: str(path.relative_to(EXPERT)))
def test_example_agrees_with_expert(program: Path) -> None:
    assert_same_output(run(EXAMPLES / program.relative_to(EXPERT)), run(program))


@pytest.mark.parametrize("program", programs(EXPERT / "variants"), ids=lambda path: str(path.relative_to(EXPERT)))
def test_variant_agrees_with_expert(program: Path) -> None:
    assert_same_output(run(VARIANTS / program.relative_to(EXPERT / "variants")), run(program))


def outcome(tree: ast.Module, name: str) -> str:
    """What a program prints, and what it fails with."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), warnings.catch_warnings(action="ignore"):
        try:
            exec(compile(tree, name, "exec"), {"__name__": "__main__"})
        except Exception as error:
            printed.write(f"failed: {type(error).__name__}\n{''.join(traceback.format_exception(error))}")
    return printed.getvalue()


def bound_by(node: ast.Import) -> set[str]:
    return {alias.asname or alias.name for alias in node.names}


def points_at_a_loop(program: Path) -> bool:
    return program.read_text().splitlines()[int(header(program, "at") or 0) - 1].lstrip().startswith(("for ", "while "))


def with_kernel(program: ast.Module, form: ast.Module) -> ast.Module:
    """The program with the kernel, and the imports, of the array form."""
    imports = [node for node in form.body if isinstance(node, ast.Import)]
    [kernel] = [node for node in form.body if isinstance(node, ast.FunctionDef)]
    body = [kernel if isinstance(node, ast.FunctionDef) and node.name == "kernel" else node for node in program.body]
    bound = {name for node in program.body if isinstance(node, ast.Import) for name in bound_by(node)}
    missing = [node for node in imports if not bound & bound_by(node)]
    return ast.Module([*missing, *body], type_ignores=[])


def header(program: Path, key: str) -> str | None:
    found = re.search(rf"^# {key}: (.+)$", program.read_text(), re.MULTILINE)
    return found and found[1]


@pytest.mark.parametrize("pair", sorted(NEAR_MISSES.iterdir()), ids=lambda path: path.name)
def test_pair(pair: Path) -> None:
    form = ast.parse((pair / "form.py").read_text())
    for name, key in (("lifted.py", "lift"), ("refused.py", "refuse")):
        program = pair / name
        assert header(program, key)
        assert points_at_a_loop(program)

        tree = ast.parse(program.read_text())
        loop, array = outcome(tree, name), outcome(with_kernel(tree, form), name)
        assert "failed: " not in loop
        if key == "lift":
            assert_same_output(loop, array)
        else:
            assert not is_same_output(loop, array)


@pytest.mark.parametrize("program", programs(HELD_OUT), ids=lambda path: path.stem)
def test_held_out_loop_runs(program: Path) -> None:
    assert header(program, "expect") in ("lift", "refuse")
    assert points_at_a_loop(program)
    assert "failed: " not in outcome(ast.parse(program.read_text()), program.name)
