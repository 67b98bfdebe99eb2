"""`run` executes the whole program again: other text, the same entropy and input, nothing touched."""

from __future__ import annotations

from pathlib import Path

import worker

RANDOM = """
    import os, random, secrets, uuid
    import numpy as np
    print(os.urandom(4).hex(), random.random(), secrets.token_hex(4), uuid.uuid4())
    print(np.random.rand(), np.random.default_rng().random(), np.random.RandomState().rand())
    random.seed()
    print(random.random(), random.Random().random(), np.random.SeedSequence().entropy)
    np.random.seed(None)
    print(np.random.rand(), set("abcdefgh"), hash("x"), input())
    for i in range(3):
        print(i)
"""


def test_entropy_and_input_are_replayed(tmp_path: Path) -> None:
    script = worker.write(tmp_path, "script.py", RANDOM)
    seen = worker.watch(tmp_path, worker.program(script), worker.loops(script), b"typed\n")
    assert seen["outcome"]["ended"] == "finished", seen["errors"]
    assert seen["outcome"]["read_entropy"] and seen["outcome"]["read_stdin"]
    again = worker.run(tmp_path, worker.program(script), {}, seen["outcome"]["entropy"])
    assert again["printed"] == seen["printed"] and again["outcome"]["ended"] == "finished"
    other = worker.run(tmp_path, worker.program(script), {}, None, timeout_seconds=20.0)
    assert other["printed"] != seen["printed"]


def test_an_import_of_numpy_does_not_shift_the_entropy(tmp_path: Path) -> None:
    """A rewrite may be the first to import NumPy."""
    script = worker.write(tmp_path, "script.py", "import os, random\nprint(os.urandom(8), random.random())")
    seen = worker.watch(tmp_path, worker.program(script), [])
    assert seen["outcome"]["read_entropy"]
    edited = worker.write(tmp_path, "edited.txt", "import numpy as np\nimport numpy.random\n" + script.read_text())
    again = worker.run(tmp_path, worker.program(script), {str(script): str(edited)}, seen["outcome"]["entropy"])
    assert again["printed"] == seen["printed"]


def test_overlay_of_script_and_module(tmp_path: Path) -> None:
    lib = worker.write(tmp_path, "lib.py", "def f(x):\n    return x + 1\n")
    script = worker.write(tmp_path, "script.py", "from lib import f\nprint(f(1), __file__)\n")
    new_lib = worker.write(tmp_path, "new/a.txt", "\n\ndef f(x):\n    return f.missing\n")
    new_script = worker.write(tmp_path, "new/b.txt", "from lib import f\nprint('new')\n\nf(2)\n")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.py")}
    overlay = {str(lib): str(new_lib), str(script): str(new_script)}
    ran = worker.run(tmp_path, worker.program(script), overlay)
    assert ran["printed"] == "new\n"
    assert ran["outcome"]["ended"] == "failed" and ran["outcome"]["exit_code"] == 1
    assert ran["outcome"]["traceback"] == ran["errors"]
    assert f'File "{lib}", line 2, in f\n    return f.missing' in ran["errors"]
    assert f'File "{script}", line 4, in <module>\n    f(2)' in ran["errors"]
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.py")} == before


def test_timeout_effects_and_seconds(tmp_path: Path) -> None:
    source = "import time\nopen('made.txt', 'w').close()\ntime.sleep(60)\n"
    script = worker.write(tmp_path, "script.py", source)
    ran = worker.run(tmp_path, worker.program(script), {}, timeout_seconds=0.5)
    assert ran["outcome"]["ended"] == "timelimit" and 0.4 < ran["outcome"]["seconds"] < 2
    assert ran["effects"][0]["what"] == str(tmp_path / "made.txt")


def test_seconds_are_the_programs_own(tmp_path: Path) -> None:
    script = worker.write(tmp_path, "script.py", "import time\ntime.sleep(0.2)\n")
    ran = worker.run(tmp_path, worker.program(script), {})
    assert 0.2 <= ran["outcome"]["seconds"] < 0.6


def test_module_as_program(tmp_path: Path) -> None:
    worker.write(tmp_path, "pkg/__init__.py", "")
    file = worker.write(tmp_path, "pkg/tool.py", "print('old')")
    new = worker.write(tmp_path, "new.txt", "import sys\nprint('new', sys.argv, __spec__.name)")
    program = worker.program("pkg.tool", "x", kind="module", cwd=tmp_path)
    ran = worker.run(tmp_path, program, {str(file): str(new)})
    assert ran["printed"] == f"new ['{file}', 'x'] pkg.tool\n"
