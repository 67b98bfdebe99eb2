"""Programs that are stopped while they are watched: by Ctrl-C in a terminal, by `--for`, by `--timeout`.

Whatever the program makes of it, what was seen is cured, what it started is gone, nothing is left in the temporary
folder, and the terminal is as it was.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

pty = pytest.importorskip("pty")
termios = pytest.importorskip("termios")

LOOP = """
def smooth(x):
    out = x.copy()
    for i in range(1, len(x) - 1):
        out[i] = (x[i - 1] + x[i] + x[i + 1]) / 3
    return out

x = np.ones(20000)
for _ in range(8):
    x = smooth(x)
open(os.environ["READY"], "w").close()
"""
ENDLESS = "while True:\n    x = smooth(x)\n"
HEAD = "import os, signal, subprocess, sys, threading, time\nimport numpy as np\n"
# The path of the temporary folder stands in the command, so that what is left is found.
CHILD = "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)', os.environ['TMPDIR']])\n"
PROGRAMS = {
    "endless": HEAD + LOOP + ENDLESS,
    "handles Ctrl-C itself": HEAD + "signal.signal(signal.SIGINT, lambda *_: None)\n" + LOOP + ENDLESS,
    "swallows every exception": HEAD
    + LOOP
    + "while True:\n    try:\n        x = smooth(x)\n    except BaseException:\n        pass\n",
    "sleeps": HEAD + LOOP + "time.sleep(600)\n",
    "has a child": HEAD + CHILD + LOOP + ENDLESS,
    "has a thread": HEAD + "threading.Thread(target=lambda: time.sleep(600)).start()\n" + LOOP + ENDLESS,
}
# Seconds after which a test has failed.
PATIENCE = 120


@dataclass
class Started:
    """numlift in a terminal of its own."""

    folder: Path
    pid: int
    terminal: int
    output: bytes = b""
    settings: list[object] = field(default_factory=list)

    def is_ready(self) -> bool:
        return (self.folder / "ready").exists()

    def press(self) -> None:
        os.write(self.terminal, b"\x03")

    def read(self, until: float) -> bool:
        """Reads on for a moment; whether there may be more."""
        if time.monotonic() > until:
            os.kill(self.pid, signal.SIGKILL)
            raise AssertionError(f"it did not stop: {self.output.decode(errors='replace')}")
        if select.select([self.terminal], [], [], 0.02)[0]:
            try:
                data = os.read(self.terminal, 1 << 16)
            except OSError:
                return False
            self.output += data
            return bool(data)
        return True


def environment(folder: Path) -> dict[str, str]:
    (folder / "tmp").mkdir()
    return {**os.environ, "TMPDIR": str(folder / "tmp"), "READY": str(folder / "ready"), "NO_COLOR": "1"}


def command(folder: Path, name: str, *options: str) -> list[str]:
    script = folder / "program.py"
    script.write_text(PROGRAMS[name], encoding="utf-8")
    return [sys.executable, "-m", "numlift", "optimize", "--diff", *options, str(script)]


def start(folder: Path, name: str) -> Started:
    words, variables = command(folder, name), environment(folder)
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(words[0], words, variables)
    started = Started(folder, pid, terminal)
    started.settings = termios.tcgetattr(terminal)
    until = time.monotonic() + PATIENCE
    while not started.is_ready():
        assert started.read(until), started.output.decode(errors="replace")
    return started


def finish(started: Started) -> tuple[int, str]:
    """Its exit code and all that it said, with nothing left behind."""
    until = time.monotonic() + PATIENCE
    while started.read(until):
        pass
    _, status = os.waitpid(started.pid, 0)
    os.close(started.terminal)
    assert_nothing_is_left(started.folder)
    return os.waitstatus_to_exitcode(status), started.output.decode(errors="replace")


def assert_nothing_is_left(folder: Path) -> None:
    assert os.listdir(folder / "tmp") == []
    until = time.monotonic() + 5
    while left := running(str(folder / "tmp")):
        assert time.monotonic() < until, left
        time.sleep(0.05)


def running(words: str) -> list[str]:
    listed = subprocess.run(["ps", "-A", "-o", "args="], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if words in line]


@pytest.mark.parametrize("name", PROGRAMS)
def test_ctrl_c_in_a_terminal_cures_what_was_seen(tmp_path: Path, name: str) -> None:
    started = start(tmp_path, name)
    started.press()
    code, output = finish(started)
    assert code == 1, output
    assert "out[1:-1] =" in output


def test_the_terminal_is_as_it_was(tmp_path: Path) -> None:
    started = start(tmp_path, "endless")
    started.press()
    while not started.output.rstrip().endswith(b"while True:"):
        if not started.read(time.monotonic() + PATIENCE):
            break
        assert termios.tcgetattr(started.terminal) == started.settings
    assert finish(started)[0] == 1


def test_a_second_ctrl_c_ends_numlift(tmp_path: Path) -> None:
    started = start(tmp_path, "swallows every exception")
    started.press()
    # Signals that come before the first is taken are one with it: on a busy machine it is pressed once more.
    for _ in range(3):
        time.sleep(0.1)
        started.press()
    code, output = finish(started)
    assert code == 2, output
    assert "error: stopped" in output


@pytest.mark.parametrize("name", PROGRAMS)
def test_for_cures_what_was_seen(tmp_path: Path, name: str) -> None:
    words = command(tmp_path, name, "--target", "numpy", "--for", "2.5s")
    # A session of its own, as from a batch system: no terminal ends what the program started.
    done = subprocess.run(
        words, env=environment(tmp_path), capture_output=True, text=True, timeout=PATIENCE, start_new_session=True
    )
    assert done.returncode == 1, done.stderr
    assert "out[1:-1] =" in done.stdout
    assert_nothing_is_left(tmp_path)


def test_timeout_ends_the_whole_command(tmp_path: Path) -> None:
    words = command(tmp_path, "has a child", "--timeout", "1s")
    done = subprocess.run(
        words, env=environment(tmp_path), capture_output=True, text=True, timeout=PATIENCE, start_new_session=True
    )
    assert done.returncode in (0, 1), done.stderr
    assert_nothing_is_left(tmp_path)
