"""The package as it is installed: the command, the module, the version, and the wheel that `pip install .` builds."""

import importlib.metadata
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import numlift
import pytest

PROJECT = Path(__file__).parents[2]
COMMAND = Path(sysconfig.get_path("scripts")) / ("numlift.exe" if os.name == "nt" else "numlift")


def run(*command: object, env: dict[str, str] | None = None) -> str:
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, env=env, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 0, f"{words} exited with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_the_command_and_the_module_are_the_same():
    version = f"numlift {importlib.metadata.version('numlift')}\n"
    assert run(COMMAND, "--version") == version
    assert run(sys.executable, "-m", "numlift", "--version") == version


def test_version_is_that_of_the_native_module():
    assert numlift.__version__ == importlib.metadata.version("numlift")


def test_unknown_attributes_are_missing():
    with pytest.raises(AttributeError, match="'numlift' has no attribute 'nothing'"):
        _ = numlift.nothing


def test_importing_loads_neither_numpy_nor_the_native_module():
    """The worker imports the package before the user's program, whose start must not become slower."""
    program = "import sys, numlift; print('numpy' in sys.modules, 'numlift._native' in sys.modules)"
    loaded = run(sys.executable, "-c", program)
    assert loaded == "False False\n"


def test_the_stub_tells_what_the_native_module_has():
    run(sys.executable, "-m", "mypy.stubtest", "numlift._native")


def test_the_wheel_runs_by_itself(tmp_path):
    """Takes some seconds: the wheel is built as `pip install .` builds it, from what `cargo xtask setup` compiled."""
    build = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path, PROJECT]
    scripts = {**os.environ, "PATH": os.pathsep.join([str(COMMAND.parent), os.environ["PATH"]])}
    run(sys.executable, *build, env=scripts)
    [wheel] = tmp_path.glob("numlift-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    sources = {path.relative_to(PROJECT / "python").as_posix() for path in (PROJECT / "python/numlift").glob("*.py*")}
    assert "numlift/py.typed" in names
    assert sources - names == {name for name in sources if name.endswith(".pyc")}
    assert any(name.startswith("numlift/_native.") and not name.endswith(".pyi") for name in names)
    assert {Path(name).name for name in names if "/licenses/" in name} == {"LICENSE-MIT", "LICENSE-APACHE"}

    site = tmp_path / "site"
    run(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", site, wheel)
    env = {**os.environ, "PYTHONPATH": str(site)}
    where = run(sys.executable, "-c", "import numlift; print(numlift.__file__)", env=env)
    assert Path(where.strip()).is_relative_to(site)
    assert run(sys.executable, "-m", "numlift", "--version", env=env) == run(COMMAND, "--version")
