"""Threads that compile when the interpreter ends or the process forks, and threads that want the same at once."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import numlift
import numpy as np
import pytest
from numlift import _engine

COMPILING = """
    import os, sys, threading, time, warnings
    import numpy as np
    import numlift

    TEXT = '''
    import numpy as np
    def kernel(x):
        s = 0.0
        for i in range(len(x)):
            s += np.sin(x[i]) * NUMBER
        return s
    '''

    def work(first):
        for number in range(first, first + (2 if first == 2000 else 100)):
            path = f"module{number}.py"
            text = TEXT.replace("NUMBER", str(number))
            open(path, "w").write(text)
            names = {"__name__": f"module{number}"}
            exec(compile(text, os.path.abspath(path), "exec"), names)
            numlift.jit(names["kernel"])(np.ones(3))

    for first in (0, 1000):
        threading.Thread(target=work, args=(first,), daemon=True).start()
"""

WAITING = """
    import threading, time, warnings
    import numpy as np
    import numlift

    def spin(n):
        while True:
            n = n + 1 - 1

    def called(x):
        s = 0.0
        for i in range(len(x)):
            s += x[i]
        return s + spin(1)

    def deep(x, n):
        if n == 0:
            return spin(1)
        return deep(x, n - 1) + x[0]

    def in_python(n):
        texts = {}
        while True:
            texts[n] = str(n)

    warnings.simplefilter("ignore")
    for work in (lambda: called(np.ones(5)), lambda: deep(np.ones(5), 9), lambda: in_python(1)):
        threading.Thread(target=work, daemon=True).start()
    called, deep, in_python = map(numlift.jit, (called, deep, in_python))
"""


def ends(tmp_path: Path, text: str, end: str) -> None:
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(text) + textwrap.dedent(end))
    ended = subprocess.run([sys.executable, program], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stderr, ended.stdout) == (0, "", "the end\n")


@pytest.mark.parametrize("seconds", [0.1, 0.3])
def test_the_interpreter_ends_while_threads_compile(tmp_path: Path, seconds: float) -> None:
    ends(tmp_path, COMPILING, f"time.sleep({seconds})\nprint('the end')")


def test_the_interpreter_ends_while_python_runs_inside_of_compiled_code(tmp_path: Path) -> None:
    ends(tmp_path, WAITING, "time.sleep(0.5)\nprint('the end')")


def test_a_process_that_exits_at_once(tmp_path: Path) -> None:
    ends(tmp_path, COMPILING, "time.sleep(0.2)\nprint('the end', flush=True)\nos._exit(0)")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_process_that_is_forked_while_others_compile(tmp_path: Path) -> None:
    end = """
    time.sleep(0.2)
    warnings.simplefilter("ignore")
    child = os.fork()
    if child == 0:
        work(2000)
        sys.exit(0)
    _, status = os.waitpid(child, 0)
    assert status == 0
    print('the end')
    """
    ends(tmp_path, COMPILING, end)


def total(x):
    s = 0.0
    for i in range(len(x)):
        s += np.cos(x[i]) * 0.125
    return s


def test_threads_that_call_at_once_compile_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    compile_ = _engine.compile
    monkeypatch.setattr(_engine, "compile", lambda text: compiled.append(text) or compile_(text))
    kernel = numlift.jit(cache=False)(total)
    start = threading.Barrier(4)
    found: list[float] = []

    def call() -> None:
        start.wait()
        found.append(kernel(np.arange(9.0)))

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == [found[0]] * 4
    assert len(compiled) == 1
    assert [one["calls"] for one in kernel.specializations] == [4]


def test_a_kernel_that_is_called_while_it_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    compile_ = _engine.compile
    inside: list[float] = []

    def calls(text: str) -> bytes:
        if not inside:
            inside.append(0.0)
            inside[0] = kernel(np.arange(3.0))
        return compile_(text)

    monkeypatch.setattr(_engine, "compile", calls)
    kernel = numlift.jit(cache=False)(total)
    assert kernel(np.arange(3.0)) == inside[0] == pytest.approx(total(np.arange(3.0)))
