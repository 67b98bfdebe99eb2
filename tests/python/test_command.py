"""The command from end to end: real programs, the real worker, files, exit codes, Ctrl-C.

Most tests watch, cure, check and run a small program, which takes a second or two each.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

# One loop that is cured, one that stays, and text that must survive: comments, a latin-1 letter, Windows line ends.
PROGRAM = """\
# coding: latin-1
import numpy as np  # the caf\u00e9


def squares(x):
    result = []
    for i in range(len(x)):  # slow
        result.append(x[i] ** 2)
    return np.array(result)


def running(x):
    out = x.copy()
    for i in range(1, len(out)):
        out[i] = out[i - 1] * 0.5 + out[i]
    return out


x = np.random.default_rng(1).random(200000)
print("squares", squares(x).sum())
print("running", running(x)[-1])
"""

ENDLESS = """\
import numpy as np


def squares(x):
    result = []
    for i in range(len(x)):
        result.append(x[i] ** 2)
    return np.array(result)


while True:
    print(squares(np.arange(20000.0)).sum(), flush=True)
    open("going", "a").close()
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder to work in, with the journal of `undo` beside it."""
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.chdir(project)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)
    return project


@pytest.fixture
def program(folder):
    path = folder / "program.py"
    path.write_bytes(PROGRAM.replace("\n", "\r\n").encode("latin-1"))
    return path


def numlift(*words, code=0):
    """Runs the command; what it prints and complains."""
    command = [sys.executable, "-m", "numlift", *map(str, words)]
    done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    output, complaint = done.stdout.decode(), done.stderr.decode()
    assert done.returncode == code, f"{words} exited with {done.returncode}\n{output}\n{complaint}"
    return output, complaint


def test_report_by_default_touches_nothing(program, folder):
    before = program.read_bytes()
    screen, complaint = numlift("optimize", program.name)
    assert screen.startswith(" numlift optimize program.py")
    assert "x**2" in screen and "same output" in screen
    assert "\x1b" not in screen and "\r" not in screen and complaint == ""
    assert all(len(line) <= 80 for line in screen.split("\n\n")[0].splitlines())
    assert program.read_bytes() == before and os.listdir(folder) == ["program.py"]
    assert sorted(os.listdir(folder.parent)) == ["project"], "the captured data are still there"


def test_write_keeps_the_rest_and_can_be_undone(program):
    before = program.read_bytes()
    numlift("optimize", "--write", "--quiet", program.name)
    after = program.read_bytes()
    assert after != before and b"x**2" in after
    assert "# coding: latin-1\r\nimport numpy as np  # the caf\u00e9\r\n".encode("latin-1") in after
    assert after.count(b"\n") == after.count(b"\r\n")
    # On its own output there is nothing left to do.
    assert numlift("optimize", "--diff", program.name)[0] == ""
    assert numlift("undo")[0] == "program.py is as it was before\n"
    assert program.read_bytes() == before
    assert "nothing to undo" in numlift("undo", code=2)[1]


# Programs and what makes them short: in each, other loops are what takes the time once the first are cured.
SHORTER = {
    "examples/heat.py": ("STEPS = 60", "STEPS = 6"),
    "examples/particles.py": ("range(60)", "range(20)"),
    "examples/three_modules": ("days=365", "days=60"),
    "tests/variants/particles__1.py": ("range(50)", "range(15)"),
    "tests/variants/heat__1.py": ("t < 100", "t < 15"),
    "tests/variants/three_modules__2": ("test_photo(700, 960)", "test_photo(200, 300)"),
}


@pytest.mark.parametrize("name", SHORTER)
def test_on_its_own_output_there_is_nothing_left_to_do(folder, name):
    origin = Path(__file__).resolve().parent.parent.parent / name
    if origin.is_dir():
        shutil.copytree(origin, folder, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
    else:
        shutil.copy(origin, folder / "main.py")
    files = sorted(folder.rglob("*.py"))
    main = folder / "main.py"
    long, short = SHORTER[name]
    for file in files:
        text = file.read_text()
        file.write_text(text.replace(long, short).replace("200 * 2880", "20 * 2880"))
    before = [file.read_bytes() for file in files]
    numlift("optimize", "--write", "--quiet", "--no-rerun", main)
    once = [file.read_bytes() for file in files]
    assert once != before
    numlift("optimize", "--write", "--quiet", "--no-rerun", main)
    assert [file.read_bytes() for file in files] == once


TRAP = """\
import numpy as np


def relax(rod):
    for i in range(1, len(rod) - 1):
        rod[i] = (rod[i - 1] + rod[i + 1]) / 2
    return rod


print(relax(np.random.default_rng(1).random(100000)).sum())
"""

LISTS = """\
import time
import numpy as np

A = np.random.rand(60, 60)
B = np.random.rand(60, 60)


def multiply(A, B):
    n = len(A)
    m = len(B[0])
    p = len(B)
    if len(A[0]) != p:
        raise ValueError("they do not fit")
    C = [[0] * m for _ in range(n)]
    for i in range(n):
        for j in range(m):
            for k in range(p):
                C[i][j] += A[i][k] * B[k][j]
    return C


start = time.time()
C = multiply(A.tolist(), B.tolist())
print("loops", time.time() - start)
C = np.dot(A, B)
print(C.shape)
"""


def test_the_slices_that_a_recurrence_looks_like_are_refused(folder):
    (folder / "trap.py").write_text(TRAP)
    screen, _ = numlift("optimize", "--json", "report.json", "trap.py")
    words = " ".join(screen.split())
    assert "nothing was cured" in words and "1 tempting wrong rewrite refused" in words
    assert "refused rod[1:-1] = (rod[:-2] + rod[2:]) / 2 would change the values of `rod`" in words
    assert "and would be" in words
    report = json.loads((folder / "report.json").read_text())
    refused = [refused for region in report["regions"] for refused in region["refused"]]
    assert len(refused) == 1 and "example" not in refused[0], "values of the program are not in the JSON"


def test_a_product_of_lists_that_nobody_reads(folder):
    (folder / "lists.py").write_text(LISTS)
    screen, _ = numlift("optimize", "lists.py")
    assert "matrix product" in screen
    assert "+    C = np.array(A) @ np.array(B)\n" in screen, screen
    assert "tolist" not in screen.split("+    C = ")[1].split("strength")[0]
    assert "left alone: 25 (already the fast form)" in screen


SWARM = """\
import numpy as np


class Swarm:
    axis = 0

    def __init__(self, bees):
        self.pos = np.arange(2.0 * bees).reshape(bees, 2)
        self.wind = np.array([0.4, -0.1])
        self.drag = 0.3

    def centre(self):
        cx = 0.0
        for p in self.pos:
            cx += p[self.axis]
        return cx / len(self.pos)


print("%.6f" % Swarm(300000).centre())
"""


def test_of_an_object_and_its_class_only_what_is_read_is_tested(folder):
    (folder / "swarm.py").write_text(SWARM)
    diff, _ = numlift("optimize", "--diff", "swarm.py", code=1)
    added = "\n".join(line for line in diff.splitlines() if line.startswith("+"))
    assert "type(self.pos) is np.ndarray" in added and "cx = self.pos[:, self.axis].sum()" in added
    assert "self.wind" not in added and "self.drag" not in added


PROPERTY = """\
class Market:
    def __init__(self):
        self.rate = 0.03

    @property
    def drift(self):
        return self.rate / 2


def total(market, call):
    s = 0.0
    for k in range(100000):
        s += k * market.drift
    for k in range(100000):
        s += call(k)
    return s


print(total(Market(), lambda k: k * 0.5))
"""


def test_what_is_not_understood_is_named_itself(folder):
    (folder / "market.py").write_text(PROPERTY)
    screen, _ = numlift("optimize", "market.py")
    words = " ".join(screen.split())
    assert "`market.drift` is not known as a plain attribute" in words
    assert "nothing is known of the function `call`" in words


WITHOUT_NUMPY = """\
count = 0
for k in range(100000):
    if (k * 7) % 11 < 5:
        count += 1
print(count)
"""


def test_a_short_program_without_numpy_does_not_get_to_import_it(folder):
    (folder / "short.py").write_text(WITHOUT_NUMPY)
    screen, _ = numlift("optimize", "short.py")
    words = " ".join(screen.split())
    assert "nothing was cured" in words
    assert "importing NumPy, which the program does without, takes longer than its cures save" in words


def test_undo_leaves_later_changes_alone(program):
    numlift("optimize", "--write", "--quiet", "--no-rerun", program.name)
    program.write_bytes(program.read_bytes() + b"# mine\r\n")
    mine = program.read_bytes()
    assert "was changed after numlift wrote it" in numlift("undo", program.name, code=2)[1]
    assert program.read_bytes() == mine


def test_diff_alone_is_a_patch(program):
    patch, complaint = numlift("optimize", "--diff", "--no-rerun", program.name, code=1)
    assert complaint == ""
    assert patch.startswith("--- program.py\n+++ program.py\n@@ ")
    assert "result = x**2" in patch


def test_output_json_and_tests(program, folder):
    numlift("optimize", "-o", "fast.py", "--json", "report.json", "--emit-tests", "test_it.py", program.name)
    assert b"x**2" in (folder / "fast.py").read_bytes()
    report = json.loads((folder / "report.json").read_text())
    assert report["schema"] == 1 and report["program"] == "program.py"
    kinds = {region["function"]: region["outcome"]["kind"] for region in report["regions"]}
    assert kinds["squares"] == "cured" and kinds["running"] != "cured"
    assert report["whole"]["kind"] == "ran" and report["checked"]["captured"] >= 1
    passed = subprocess.run([sys.executable, "-m", "pytest", "-q", "test_it.py"], check=False, capture_output=True)
    assert passed.returncode == 0, passed.stdout.decode()
    # The tests really hold the new text against the old one.
    tests = folder / "test_it.py"
    tests.write_text(tests.read_text().replace("x**2", "x**2 + 1e-9"))
    failed = subprocess.run([sys.executable, "-m", "pytest", "-q", "test_it.py"], check=False, capture_output=True)
    assert failed.returncode == 1


def test_only_one_function(program):
    screen, _ = numlift("optimize", "--only", "running", "--no-rerun", program.name)
    assert "x**2" not in screen and "running" in screen
    assert (
        "there is no loop in a function `nowhere`" in numlift("optimize", "--only", "nowhere", program.name, code=2)[1]
    )


def test_only_write_goes_over_the_program(program, folder):
    before = program.read_bytes()
    (folder / "link.py").symlink_to(program.name)
    for option in ("-o", "--json", "--emit-tests"):
        for name in (program.name, f"./{program.name}", "link.py", str(program)):
            screen, complaint = numlift("optimize", option, name, program.name, code=2)
            edit = "; --write edits it so that `numlift undo` takes it back" if option == "-o" else ""
            assert screen == ""
            assert complaint == f"error: {option} would overwrite the script itself, `{program.name}`{edit}\n"
    assert "would overwrite the script itself" in numlift("optimize", "-o", ".", program.name, code=2)[1]
    assert "would overwrite the script itself" in numlift("record", "-o", program.name, "link.py", code=2)[1]
    numlift("record", "-o", "run.cap", program.name)
    complaint = numlift("optimize", "--from", "run.cap", "-o", "link.py", code=2)[1]
    assert f"-o would overwrite `{program.name}`, a file of the program" in complaint
    assert program.read_bytes() == before


def test_exact_keeps_every_bit(program):
    screen, _ = numlift("optimize", "--exact", "--no-rerun", program.name)
    assert "rounding" not in screen.split("\n\n")[0].replace("round differently", "")


def test_recordings_are_cured_elsewhere(program, folder, monkeypatch):
    numlift("record", "-o", "run.cap", program.name)
    text = program.read_bytes()
    elsewhere = folder.parent / "elsewhere"
    elsewhere.mkdir()
    (folder / "run.cap").rename(elsewhere / "run.cap")
    program.unlink()
    monkeypatch.chdir(elsewhere)
    assert "x**2" in numlift("optimize", "--from", "run.cap")[0]
    assert "cannot be written" in numlift("optimize", "--from", "run.cap", "--write", code=2)[1]
    (elsewhere / program.name).write_bytes(text)
    numlift("optimize", "--from", "run.cap", "--write", "--quiet")
    assert b"x**2" in (elsewhere / program.name).read_bytes()


def test_a_module_of_tests_is_a_program(folder):
    (folder / "tests").mkdir()
    (folder / "lib.py").write_text(PROGRAM.partition("\n")[2].partition("x = np")[0], encoding="utf-8")
    (folder / "tests" / "test_lib.py").write_text(
        "import numpy as np\nimport lib\n\n\ndef test_squares():\n"
        "    assert lib.squares(np.arange(200000.0))[3] == 9.0\n"
    )
    screen, _ = numlift("optimize", "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests")
    assert "lib.py:" in screen and "x**2" in screen


def test_watching_stops_after_a_while(folder):
    (folder / "endless.py").write_text(ENDLESS)
    start = time.monotonic()
    screen, _ = numlift("optimize", "--for", "1.5s", "endless.py")
    assert "until the time limit" in screen and "x**2" in screen and "was not watched to its end" in screen
    assert time.monotonic() - start < 60


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is sent as a signal")
@pytest.mark.parametrize("presses", [1, 2])
def test_interrupt(folder, presses):
    """The first Ctrl-C cures what was seen, the second ends everything."""
    (folder / "endless.py").write_text(ENDLESS)
    command = [sys.executable, "-m", "numlift", "optimize", "endless.py"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        while not (folder / "going").exists() and process.poll() is None:
            time.sleep(0.05)
        time.sleep(1.0)
        for _ in range(presses):
            process.send_signal(signal.SIGINT)
            # Two signals that come at once count as one.
            time.sleep(0.1)
        screen, complaint = process.communicate(timeout=120)
    if presses == 1:
        assert process.returncode == 0 and b"until Ctrl-C" in screen and b"x**2" in screen
    else:
        assert process.returncode == 2 and complaint == b"error: stopped\n" and screen == b""


def bad_inputs(folder: Path):
    (folder / "broken.py").write_text("x = 1\nfor i in :\n")
    (folder / "binary.py").write_bytes(b"\x7fELF\0\0")
    (folder / "fails.py").write_text("def f():\n    return [1][3]\n\n\nf()\n")
    (folder / "usage.py").write_text("import sys\nsys.exit('usage: usage.py FILE')\n")
    (folder / "pkg").mkdir()
    (folder / "pkg" / "__main__.py").touch()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["none.py"], "error: no such file: `none.py`\n"),
        (["pkg"], "error: `pkg` is a directory, not a Python script; did you mean `pkg/__main__.py`?\n"),
        (["broken.py"], "error: `broken.py` is not Python: expected an expression (line 2, column 10)\n"),
        (["binary.py"], "error: `binary.py` is a binary file, not Python text (a NUL byte on line 1)\n"),
        (["usage.py"], "usage: usage.py FILE\n"),
        (["-m", "no_such_module"], "No module named no_such_module\n"),
        ([], "which program? write `numlift optimize script.py` or `numlift optimize -m module`\n"),
        (
            ["--bogus", "broken.py"],
            "error: unknown option `--bogus`; ",
        ),
        (["fails.py", "--write"], "`--write` stands after the script and would go to it"),
        (["--for", "soon", "fails.py"], "`soon` is no unit of time"),
        (["-o", "no/where.py", "fails.py"], "there is no directory `no`\n"),
        (["--from", "fails.py"], "error: `fails.py` is not a recording of `numlift record`"),
    ],
)
def test_bad_input_gets_one_clear_sentence(folder, words, sentence):
    bad_inputs(folder)
    before = sorted(os.listdir(folder))
    output, complaint = numlift("optimize", *words, code=2)
    assert output == "" and sentence in complaint
    assert sorted(os.listdir(folder)) == before


def test_a_script_that_fails_by_itself(folder):
    bad_inputs(folder)
    _, complaint = numlift("optimize", "fails.py", code=2)
    assert complaint.startswith("error: `fails.py` fails by itself with exit code 1")
    # Its own traceback, and nothing of numlift's in it.
    assert complaint.endswith("IndexError: list index out of range\n")
    assert complaint.count("File ") == 2 and "numlift/" not in complaint


def test_arguments_and_input_reach_the_program(folder):
    (folder / "args.py").write_text("import sys\nassert sys.argv[1:] == ['--steps', '3'], sys.argv\n")
    numlift("optimize", "args.py", "--steps", "3")
    (folder / "echo.py").write_text("import sys\nassert sys.stdin.read() == 'hello'\n")
    done = subprocess.run(
        [sys.executable, "-m", "numlift", "optimize", "echo.py"], input=b"hello", capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


def test_colour_only_where_it_is_wanted(folder, monkeypatch):
    (folder / "nothing.py").write_text("x = 1\n")
    assert "\x1b" not in numlift("optimize", "nothing.py")[0]
    assert "\x1b" in numlift("optimize", "--color", "always", "nothing.py")[0]
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" in numlift("optimize", "nothing.py")[0]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in numlift("optimize", "nothing.py")[0]
