"""Runs a program once more, with other text in some of its files and the entropy and input of the watched run.

`JOBDIR/run.json` (a `RunJob`) => `JOBDIR/ran.json` (a `RunReport`). Nothing is instrumented, so the time is the
program's own; nothing is written into the project.
"""

from __future__ import annotations

import _thread
import atexit
import json
import linecache
import os
import signal
import sys
import threading
import time
import types
from typing import Any

from numlift import _children, _compiled, _effects, _imports, _program, _replay, _reporting, _streams, _watch

Json = dict[str, Any]
now = time.perf_counter


def main(directory: str) -> None:
    """The worker's `run`."""
    with open(os.path.join(directory, "run.json"), encoding="utf-8") as file:
        job = json.load(file)
    if job["version"] != _watch.VERSION:
        raise SystemExit(f"the job has version {job['version']}, this worker has {_watch.VERSION}")
    Run(os.path.abspath(directory), job).run()


class Run(_reporting.Reporting):
    """One run with overlaid texts."""

    def __init__(self, directory: str, job: Json) -> None:
        super().__init__()
        self.directory = directory
        self.job = job
        self.program = _program.Program.from_json(job["program"])
        self.overlay = {os.path.realpath(file): text for file, text in job["overlay"].items()}
        self.started = now()

    def run(self) -> None:
        atexit.register(self.at_exit)
        record = _replay.read_record(self.job["entropy"]) if self.job["entropy"] else None
        stdin = record["stdin"] if record else None
        if stdin is not None:
            _streams.feed(stdin)
        self.output = _streams.Output(self.directory, False)
        self.effects = _effects.Effects(self.program.cwd, self.directory)
        self.effects.before_exec = lambda: self.finish("finished", 0, None)
        self.entropy = _replay.Entropy(bytes.fromhex(record["seed"]) if record else _replay.fresh_seed())
        self.entropy.install()
        self.effects.start()
        os._exit = self.exit_now  # type: ignore[assignment]
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self.in_child)
        if self.job["timeout_seconds"] is not None:
            _thread.start_new_thread(self.wait, (self.job["timeout_seconds"],))
        # What compiling takes is part of the time: nothing is in the cache yet.
        _compiled.keep_in(self.directory)
        _program.enter(self.program)
        sys.meta_path.insert(0, _imports.ChosenFinder(frozenset(self.overlay), self.code_for))
        self.ending = _program.run(self.program, self.code_for, self.start)

    def start(self) -> None:
        self.started = now()

    def code_for(self, file: str) -> types.CodeType | None:
        """The code of an overlaid file. Tracebacks show the text that runs."""
        path = self.overlay.get(os.path.realpath(file))
        if path is None:
            return None
        with open(path, "rb") as opened:
            source = opened.read()
        code = compile(source, file, "exec", dont_inherit=True)
        lines = source.decode("utf-8", "replace").splitlines(keepends=True)
        linecache.cache[file] = (len(source), None, lines, file)
        _program.own_texts.add(file)
        return code

    def wait(self, seconds: float) -> None:
        alarm = _thread.allocate_lock()
        alarm.acquire()
        alarm.acquire(timeout=min(seconds, threading.TIMEOUT_MAX))
        self.finish("timelimit", 0, None)
        if hasattr(signal, "pthread_kill"):
            # Lets the program end its children.
            _program.stopped = True
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            time.sleep(1.0)
        _children.end_children()
        _reporting.leave_process(0)

    def in_child(self) -> None:
        self.finished = True
        self.effects.stop()

    def write_report(self, ended: str, exit_code: int, traceback: str | None) -> None:
        seconds = now() - self.started
        effects = list(self.effects.found)
        self.effects.stop()
        self.output.flush()
        outcome = {
            "ended": ended,
            "exit_code": exit_code,
            "traceback": traceback,
            "seconds": seconds,
            "capture_seconds": 0.0,
            "stdout": self.output.paths[1],
            "stderr": self.output.paths[2],
            "entropy": self.job["entropy"] or "",
            "read_clock": False,
            "read_entropy": self.entropy.used,
            "read_stdin": False,
        }
        report = {"version": _watch.VERSION, "outcome": outcome, "effects": effects}
        _watch.write_json(os.path.join(self.directory, "ran.json"), report)
