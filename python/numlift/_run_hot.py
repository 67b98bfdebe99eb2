"""The process of `numlift run script.py [args…]`: the program, its hot functions compiled as it runs.

The program finds everything as `python script.py` makes it: `sys.argv`, `sys.path`, `__main__`, standard streams, exit
code, tracebacks, the order of what happens at exit. Its own files, the main one and those that it imports, get other
code (`_hot`); files that are installed do not.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import sys
import time
from types import CodeType
from typing import Any

from numlift import _hot, _imports, _program, _world

Json = dict[str, Any]


class OwnFiles(frozenset[str]):
    """All files of the user's, without listing them."""

    def __contains__(self, file: object) -> bool:
        return isinstance(file, str) and _world.is_project_file(file)


def main(job: Json) -> int:
    """Runs the program of a job; returns the exit code."""
    program = _program.Program.from_json(job["program"])
    pid, started = os.getpid(), time.perf_counter()
    ending = _program.Ending()
    look = silenced() if job.get("look") else None
    if look is not None:
        from numlift import _look

        _look.prepare(job["look"]["stage"])
        _hot.asked = job["look"]["function"]

    def at_end() -> None:
        # A child that was forked leaves by the same way.
        if os.getpid() != pid:
            return
        if look is not None:
            from numlift import _look

            asked = job["look"]
            with os.fdopen(look, "w", encoding="utf-8") as out:
                out.write(_look.text(asked["stage"], program.script(), asked["function"]))
        if job.get("report"):
            from numlift import _gains

            _gains.tell(job["report"], time.perf_counter() - started)
        if ending.interrupted:
            interrupt()

    # Registered before anything of the program's, it is called behind all of that.
    atexit.register(at_end)
    _program.enter(program)
    sys.meta_path.insert(0, _imports.ChosenFinder(OwnFiles(), code_for))
    ended = _program.run(program, code_for, lambda: None)
    ending.interrupted = ended.interrupted
    return ended.exit_code


def silenced() -> int:
    """Compiles all at once and keeps the program's output to itself; returns where there is something to say."""
    _hot.at_once = True
    kept = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return kept


def code_for(file: str) -> CodeType | None:
    """The code of a file with kernels in it. What cannot be compiled is left to Python, which says so."""
    try:
        with open(file, "rb") as opened:
            return _hot.compile_hot(opened.read(), file)
    except (OSError, SyntaxError, ValueError, RecursionError):
        return None


def interrupt() -> None:
    """Ends as Python ends after Ctrl-C: by the signal, for the shell to see."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass
    if os.name == "posix":
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)


def start(text: str) -> None:
    """The process's first call."""
    sys.exit(main(json.loads(text)))
