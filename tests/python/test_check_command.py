"""`numlift check` and `numlift rule` from end to end: exit codes, files, standard input, settings."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

COUNT = "import numpy as np\n\n\ndef f(x):\n    return len(np.where(x)[0])\n"
CERTAIN = "import numpy as np\n\nx = np.arange(9)\nprint(max(x))  # the greatest\n"


def run(folder: Path, *arguments: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "numlift", *arguments]
    return subprocess.run(command, cwd=folder, input=text, capture_output=True, text=True, timeout=60)


def test_exit_codes(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(COUNT)
    assert run(tmp_path, "check").returncode == 1
    assert run(tmp_path, "check", "--exit-zero").returncode == 0
    assert run(tmp_path, "check", "--ignore", "NL303").returncode == 0
    assert run(tmp_path, "check", "--diff").returncode == 0
    diff = run(tmp_path, "check", "--diff", "--unsafe-fixes")
    assert diff.returncode == 1 and "+    return np.count_nonzero(x)" in diff.stdout
    assert (tmp_path / "a.py").read_text() == COUNT
    missing = run(tmp_path, "check", "none.py")
    assert missing.returncode == 2 and "no such file" in missing.stderr
    unknown = run(tmp_path, "check", "--select", "NL3033")
    assert unknown.returncode == 2 and "did you mean `NL303`?" in unknown.stderr


def test_fixes_are_written_and_what_is_left_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(COUNT)
    (tmp_path / "b.py").write_text(CERTAIN)
    done = run(tmp_path, "check", "--fix", "--output-format", "concise")
    assert done.returncode == 1 and "a.py:5:12: NL303" in done.stdout and "fixed 1 problem" in done.stderr
    assert path.read_text() == COUNT
    assert (tmp_path / "b.py").read_text() == CERTAIN.replace("max(x)", "np.max(x)")
    done = run(tmp_path, "check", "--fix", "--unsafe-fixes")
    assert done.returncode == 0 and path.read_text() == COUNT.replace("len(np.where(x)[0])", "np.count_nonzero(x)")


def test_standard_input(tmp_path: Path) -> None:
    done = run(tmp_path, "check", "-", "--stdin-filename", "b/a.py", "--output-format", "json", text=COUNT)
    found = json.loads(done.stdout)
    assert done.returncode == 1 and found[0]["filename"] == str(tmp_path / "b/a.py")
    done = run(tmp_path, "check", "-", "--fix", text=CERTAIN)
    assert done.returncode == 0 and done.stdout == CERTAIN.replace("max(x)", "np.max(x)")
    assert run(tmp_path, "check", "-", text="def f(:\n").returncode == 1


def test_settings(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(COUNT)
    settings = tmp_path / "pyproject.toml"
    settings.write_text('[tool.numlift]\nper-file-ignores = { "a.py" = ["NL3"] }\n')
    assert run(tmp_path, "check").returncode == 0
    settings.write_text('[tool.numlift]\nexclude = ["a.py"]\n')
    assert run(tmp_path, "check").returncode == 0
    settings.write_text('[tool.numlift]\nselekt = ["NL3"]\n')
    wrong = run(tmp_path, "check")
    assert wrong.returncode == 2 and "line 2: no setting is called `selekt`" in wrong.stderr


def test_files_that_cannot_be_read_are_errors_about_these(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(COUNT)
    (tmp_path / "b.py").write_bytes(b"x = '\xff'\n")
    done = run(tmp_path, "check", "--output-format", "concise")
    assert done.returncode == 2 and "a.py:5:12" in done.stdout and "not valid" in done.stderr


def test_pages_of_rules(tmp_path: Path) -> None:
    page = run(tmp_path, "rule", "NL303")
    assert page.returncode == 0 and page.stdout.startswith("# count-through-where (NL303)\n")
    assert run(tmp_path, "rule", "count-through-where").stdout == page.stdout
    every = json.loads(run(tmp_path, "rule", "--all", "--output-format", "json").stdout)
    assert len(every) > 25 and {"code", "name", "summary", "fix"} < set(every[0])
    unknown = run(tmp_path, "rule", "NL3003")
    assert unknown.returncode == 2 and "no rule is called `NL3003`" in unknown.stderr


@pytest.mark.parametrize("output", ["full", "concise", "json", "sarif", "github", "gitlab", "junit"])
def test_nothing_found_is_said_in_every_format(tmp_path: Path, output: str) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    done = run(tmp_path, "check", "--output-format", output)
    assert done.returncode == 0
    assert done.stderr == ("nothing found\n" if output in ("full", "concise") else "")
