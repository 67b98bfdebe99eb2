"""Compiling as a cure of `numlift optimize`: what it writes, that it is checked, and when it is left out."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

# A function, a method and a loop of the module, none of which has an array form.
PROGRAM = '''"""Three loops."""
from __future__ import annotations

import numpy as np


def smooth(x, rate):
    """A recurrence with a condition."""
    y = np.empty(len(x))
    now = 0.0
    for i in range(len(x)):
        now += rate * (x[i] - now)
        if now > 1.0:
            now = 1.0
        y[i] = now
    return y


class Walker:
    def __init__(self, size):
        self.steps = np.zeros(size, dtype=np.int64)

    def walk(self, times):
        at = 0
        for _ in range(times):
            self.steps[at] += 1
            if self.steps[at] % 2:
                at = (at + 7) % len(self.steps)
            else:
                at = (3 * at + 1) % len(self.steps)


walker = Walker(101)
walker.walk(SIZE)
y = smooth(np.sin(np.arange(SIZE) / 50.0), 0.3)

marks = np.zeros(SIZE, dtype=bool)
count = 0
# Numbers that are no multiples of earlier ones.
for number in range(2, SIZE):
    if not marks[number]:
        count += 1
        multiple = number * number
        while multiple < SIZE:
            marks[multiple] = True
            multiple += number

print(y.sum(), walker.steps.max(), count)
'''.replace("SIZE", "1_600_000")

WITHOUT = (
    "import sys; sys.modules['numlift'] = None; sys.argv = ['p.py']; exec(compile(open('p.py').read(), 'p.py', 'exec'))"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Programs have to run for seconds, or compiling them would not pay."""
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.chdir(project)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("NUMLIFT_CACHE_DIR", str(tmp_path / "cache"))
    return project


def run(*words: str, code: int = 0) -> str:
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stderr if code == 2 else done.stdout


def optimize(*words: str, code: int = 0) -> str:
    return run("-m", "numlift", "optimize", *words, code=code)


def cures(report: Path) -> dict[str, Any]:
    regions = json.loads(report.read_text())["regions"]
    found = [region["outcome"]["cure"] for region in regions if region["outcome"]["kind"] == "cured"]
    return {cure["form"]: cure for cure in found}


def test_functions_methods_and_loops_of_the_module_are_compiled(folder: Path) -> None:
    program, report = folder / "p.py", folder.parent / "report.json"
    program.write_text(PROGRAM)
    expected = run("p.py")
    screen = optimize("--min-speedup", "1", "--write", "--json", str(report), "p.py")
    found = cures(report)
    assert sorted(found) == ["@jit Walker.walk", "@jit compute_count", "@jit smooth"]
    assert "same output" in screen and "compiling and compiled code" in screen
    for cure in found.values():
        assert cure["captured"] >= 1 and cure["compiled"]["types"] is not None
        assert cure["after_seconds"] >= cure["compiled"]["first_seconds"] > 0

    text = program.read_text()
    head = '"""Three loops."""\nfrom __future__ import annotations\n\nimport numpy as np\n'
    assert text.startswith(head + "\ntry:\n    from numlift import jit\nexcept ImportError:")
    assert "\n\n@jit\ndef smooth(x, rate):\n" in text and "\n    @jit\n    def walk(self, times):\n" in text
    assert "\n\n@jit\ndef compute_count(count, marks):\n    for number in range(2, 1_600_000):\n" in text
    behind = text.partition("\n    return count\n\n\n")[2]
    assert behind.startswith(
        "# Numbers that are no multiples of earlier ones.\ncount = compute_count(count, marks)\n\n"
    )
    # It does the same with numlift and without, and there is nothing left to do.
    assert run("p.py") == expected
    assert run("-c", WITHOUT) == expected
    assert optimize("--min-speedup", "1", "--diff", "p.py") == ""
    run("-m", "numlift", "undo")
    assert program.read_text() == PROGRAM


def test_array_forms_only(folder: Path) -> None:
    (folder / "p.py").write_text(PROGRAM)
    report = folder.parent / "report.json"
    optimize("--target", "numpy", "--no-rerun", "--json", str(report), "p.py")
    assert not any("jit" in form for form in cures(report))


def test_an_array_form_that_is_as_fast_stays(folder: Path) -> None:
    lines = [
        "import numpy as np",
        "def squares(x):",
        "    y = np.empty(len(x))",
        "    for i in range(len(x)):",
        "        y[i] = x[i] * x[i] + 1.0",
        "    return y",
        "print(squares(np.arange(2_000_000) / 3.0).sum())",
    ]
    (folder / "p.py").write_text("\n".join(lines) + "\n")
    report = folder.parent / "report.json"
    optimize("--no-rerun", "--json", str(report), "p.py")
    (form,) = cures(report)
    assert "jit" not in form


@pytest.mark.skipif(importlib.util.find_spec("numba") is not None, reason="Numba is there")
def test_numba_that_is_not_there_is_told_at_once(folder: Path) -> None:
    (folder / "p.py").write_text(PROGRAM)
    assert "`--target numba` needs Numba" in optimize("--target", "numba", "p.py", code=2)


def test_names_that_are_taken_are_left_alone(folder: Path) -> None:
    taken = PROGRAM.replace("rate * (x[i] - now)", "jit * (x[i] - now)").replace("(x, rate)", "(x, jit)")
    (folder / "p.py").write_text(taken)
    diff = optimize("--min-speedup", "1", "--diff", "--no-rerun", "--only", "smooth", "p.py", code=1)
    assert "+    from numlift import jit as numlift_jit" in diff and "+@numlift_jit\n def smooth" in diff


def test_what_is_compiled_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The function that is made of a loop, compiled for the verifier."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    program = folder / "p.py"
    program.write_text("import numpy as np\n\nx = np.arange(9.0)\ns = 0.0\nfor v in x:\n    s += v\nprint(s)\n")
    import numpy as np
    from numlift import _compiled, _world

    world = _world.World({"__main__": str(program)})
    try:
        definition = "def compute_s(x, s):\n    for v in x:\n        s += v\n    return s"
        job = {
            "kernel": {"compiler": "numlift", "outlined": {"name": "compute_s", "definition": definition}},
            "module": {"file": str(program), "function": "<module>", "line": 4},
        }
        side = _compiled.Compiled(job, world, "__main__")
        end = side.notes()
        assert side.in_place(0)(np.arange(9.0), 0.0) == 36.0
        assert end() > 0 and side.types == ["x: float64[n0], s: float"]
        # What stays in Python says so before it runs.
        with pytest.raises(_compiled.Stays):
            side.checked(np.arange(9.0), 2**70)
        assert side.verdict()["refusal"]
    finally:
        world.close()


# A function in a function that reads a variable of it and is made again and again, and a class.
NESTED = """import numpy as np


def smoothed(x, *rates):
    def smooth(x, band):
        level = x[0]
        y = np.empty_like(x)
        for i in range(len(x)):
            d = x[i] - level
            if abs(d) > band:
                level = level + rate * d
            y[i] = level
        return y

    total = 0.0
    for rate in rates:
        total += float(smooth(x, 0.1).sum())
    return total


class Box:
    def __init__(self, n):
        self.at, self.v, self.hits = np.linspace(0.1, 0.9, n), np.linspace(-1.0, 1.1, n), 0

    def step(self, dt):
        for i in range(len(self.at)):
            self.at[i] += self.v[i] * dt
            if self.at[i] < 0.0 or self.at[i] > 1.0:
                self.v[i] = -self.v[i]
                self.hits += 1


box = Box(800)
for _ in range(2000):
    box.step(0.01)
    if box.hits < 0:
        print("never")
print(smoothed(np.sin(np.arange(400_000) / 50.0), 0.1, 0.2, 0.3), box.hits)
"""


def test_functions_in_functions_and_tests_of_what_is_compiled(folder: Path) -> None:
    program, report, tests = folder / "p.py", folder.parent / "report.json", folder.parent / "test_p.py"
    program.write_text(NESTED)
    expected = run("p.py")
    words = ("--min-speedup", "1", "--write", "--json", str(report), "--emit-tests", str(tests))
    screen = optimize(*words, "p.py")
    found = cures(report)
    assert "@jit smoothed.<locals>.smooth" in found, list(found)
    assert "    @jit\n    def smooth(x, band):\n" in program.read_text()
    assert run("p.py") == expected
    assert run("-c", WITHOUT) == expected
    assert f"{len(found)} tests in" in screen
    text = tests.read_text()
    assert "@_jit\ndef _new_p_" in text and "_made(Box, " in text
    # What it says holds, and is compiled.
    assert "passed" in run("-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", str(tests))
