"""Watches a program: runs it with hooks around the regions of a plan and writes what was seen.

`JOBDIR/plan.json` (a `WatchPlan`) => `JOBDIR/watch.json` (a `WatchReport`) and `JOBDIR/captures/`. The report is
written once, whole, whatever becomes of the program: when it ends, when it fails, on Ctrl-C, when time is up, before
`os._exit` and `exec`. It is the last `atexit` handler, so threads and the program's own handlers are part of the run.
"""

from __future__ import annotations

import _thread
import atexit
import json
import os
import signal
import sys
import threading
import time
import types
from typing import Any

from numlift import (
    _capture,
    _children,
    _effects,
    _hooks,
    _imports,
    _instrument,
    _program,
    _replay,
    _reporting,
    _streams,
)

Json = dict[str, Any]
VERSION = 1
# Threads ask for the interpreter's lock after so long (seconds).
PROMPT = 2e-5
# After a stop the program may clean up for so long (seconds).
GRACE = 3.0
now = time.perf_counter
# What numlift sends when the program handles Ctrl-C itself and goes on. The system sends it when the time that it
# allows is up, which calls for the same.
STOP: signal.Signals | None = getattr(signal, "SIGXCPU", None)


def main(directory: str) -> None:
    """The worker's `watch`."""
    with open(os.path.join(directory, "plan.json"), encoding="utf-8") as file:
        plan = json.load(file)
    if plan["version"] != VERSION:
        raise SystemExit(f"the plan has version {plan['version']}, this worker has {VERSION}")
    Watch(os.path.abspath(directory), plan).run()


class Watch(_reporting.Reporting):
    """One watched run."""

    def __init__(self, directory: str, plan: Json) -> None:
        super().__init__()
        self.directory = directory
        self.plan = plan
        self.program = _program.Program.from_json(plan["program"])
        self.clock = _hooks.Clock()
        self.refused: dict[int, str] = {}
        self.interrupts = 0
        # Whether the program's text says `seed` anywhere.
        self.seeds = False

    def run(self) -> None:
        directory, plan = self.directory, self.plan
        # Registered first, so executed last.
        atexit.register(self.at_exit)
        self.output = _streams.Output(directory, plan["echo"])
        self.input = _streams.Input(directory, plan["stdin"])
        self.entropy = _replay.Entropy(_replay.fresh_seed())
        self.clock_reads = _replay.ClockReads(self.output.position)
        self.capturer = _capture.Capturer(plan, os.path.join(directory, "captures"), self.clock, self.output.position)
        self.capturer.read_printed = self.output.read
        self.effects = _effects.Effects(self.program.cwd, directory)
        self.effects.before_exec = lambda: self.finish("finished", 0, None)
        self.specs: dict[str, list[_capture.Spec]] = {}
        for region in plan["regions"]:
            spec = _capture.Spec.from_json(region)
            self.specs.setdefault(os.path.realpath(spec.file), []).append(spec)
        self.install()
        _program.enter(self.program)
        finder = _imports.ChosenFinder(frozenset(self.specs), self.code_for)
        sys.meta_path.insert(0, finder)
        self.ending = _program.run(self.program, self.code_for, self.start)

    def install(self) -> None:
        """Everything that stays for the whole run."""
        _hooks.install_next()
        _hooks.measure_overhead(self.clock)
        self.entropy.install()
        self.clock_reads.install()
        self.effects.start()
        os._exit = self.exit_now  # type: ignore[assignment]
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self.in_child)
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self.on_interrupt)
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, self.on_terminate)
        if STOP is not None and signal.getsignal(STOP) is signal.SIG_DFL:
            signal.signal(STOP, self.on_stop)
        if self.plan["for_seconds"] is not None:
            # A loop over NumPy scalars gives the interpreter's lock away and takes it back so often that a waiting
            # thread never times out, and so never asks for it.
            sys.setswitchinterval(PROMPT)
            _thread.start_new_thread(self.wait, (self.plan["for_seconds"],))

    def start(self) -> None:
        """The program begins now."""
        main = sys.modules["__main__"]
        self.capturer.package = getattr(main, "__package__", None) or None
        self.clock.lost = 0.0
        self.clock.started = now()

    def code_for(self, file: str) -> types.CodeType | None:
        """The instrumented code of a planned file; None when it can't be compiled."""
        specs = self.specs.get(os.path.realpath(file))
        if specs is None:
            return None
        try:
            with open(file, "rb") as opened:
                source = opened.read()
            self.seeds = self.seeds or b"seed" in source
            regions = [_instrument.Region(spec.id, spec.start, spec.end) for spec in specs]
            made = _instrument.instrument(source, file, regions)
        except (OSError, SyntaxError, ValueError, RecursionError):
            return None
        self.refused.update(made.refused)
        places = []
        for spec in specs:
            if spec.id in made.identifiers:
                spec.identifiers = made.identifiers[spec.id]
                spec.blind = spec.id in made.blind
                if spec.id not in self.capturer.kept:
                    self.capturer.watch(spec).timer.start()
                places.append(_effects.Place(spec.id, spec.start, spec.end))
        self.effects.places[file] = places
        return made.code

    def on_interrupt(self, number: int, frame: types.FrameType | None) -> None:
        """Ctrl-C: the report is written, then the program is interrupted as usual."""
        if self.lock.locked() and not self.finished:
            return
        self.interrupts += 1
        self.finish("interrupted", 130, None)
        _program.stopped = True
        if self.interrupts > 1:
            leave()
        _thread.start_new_thread(self.leave_after, (GRACE,))
        raise KeyboardInterrupt

    def on_terminate(self, number: int, frame: types.FrameType | None) -> None:
        """SIGTERM ends the program at once, as it would have."""
        if self.lock.locked() and not self.finished:
            return
        self.finish("interrupted", 143, None)
        _reporting.leave_process(0)

    def on_stop(self, number: int, frame: types.FrameType | None) -> None:
        """The program is to end now, whatever it makes of Ctrl-C."""
        if self.lock.locked() and not self.finished:
            return
        self.finish("interrupted", 130, None)
        leave()

    def wait(self, seconds: float) -> None:
        """A thread: stops the run when its time is up."""
        alarm = _thread.allocate_lock()
        alarm.acquire()
        alarm.acquire(timeout=min(seconds, threading.TIMEOUT_MAX))
        if self.finished:
            return
        self.finish("timelimit", 0, None)
        _program.stopped = True
        if signal.getsignal(signal.SIGINT) == self.on_interrupt:
            self.interrupts -= 1
            if hasattr(signal, "pthread_kill"):
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            else:
                _thread.interrupt_main()
            self.leave_after(GRACE)
        leave()

    def leave_after(self, seconds: float) -> None:
        time.sleep(seconds)
        leave()

    def in_child(self) -> None:
        """A forked child runs on unwatched."""
        self.finished = True
        self.clock_reads.on = False
        self.effects.stop()
        _hooks.uninstall([kept.timer for kept in self.capturer.kept.values()])
        if signal.getsignal(signal.SIGINT) == self.on_interrupt:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        if signal.getsignal(signal.SIGTERM) == self.on_terminate:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if STOP is not None and signal.getsignal(STOP) == self.on_stop:
            signal.signal(STOP, signal.SIG_DFL)

    def at_exit(self) -> None:
        super().at_exit()
        if _program.stopped:
            _children.end_children()

    def write_report(self, ended: str, exit_code: int, traceback: str | None) -> None:
        seconds = self.clock.elapsed()
        # A program that computes on must not make each of our reads and writes wait for its turn.
        sys.setswitchinterval(PROMPT)
        self.clock_reads.on = False
        regions = self.capturer.report()
        effects = list(self.effects.found)
        self.effects.stop()
        self.output.flush()
        report = {
            "version": VERSION,
            "python": sys.version.split()[0],
            "numpy": getattr(sys.modules.get("numpy"), "__version__", ""),
            "outcome": self.outcome(ended, exit_code, traceback, seconds),
            "regions": self.with_refused(regions),
            "effects": effects,
            "modules": self.capturer.project.found(),
        }
        write_json(os.path.join(self.directory, "watch.json"), report)

    def outcome(self, ended: str, exit_code: int, traceback: str | None, seconds: float) -> Json:
        entropy = os.path.join(self.directory, "entropy.json")
        _replay.write_record(entropy, self.entropy, self.clock_reads, self.input.path if self.input.used else None)
        return {
            "ended": ended,
            "exit_code": exit_code,
            "traceback": traceback,
            "seconds": seconds,
            "capture_seconds": self.capturer.spent,
            "stdout": self.output.paths[1],
            "stderr": self.output.paths[2],
            "entropy": entropy,
            "read_clock": self.clock_reads.count > 0,
            "read_entropy": self.entropy.used or (not self.seeds and self.entropy.generators_used()),
            "read_stdin": self.input.used,
        }

    def with_refused(self, regions: list[Json]) -> list[Json]:
        """All regions of the plan: also those that were never instrumented."""
        known = {region["id"]: region for region in regions}
        every = []
        for region in self.plan["regions"]:
            number = region["id"]
            nothing = {"id": number, "entries": 0, "seconds": 0.0, "exact": True, "captures": [], "refused": None}
            found = known.get(number, nothing)
            if number in self.refused:
                found["refused"] = self.refused[number]
            elif number not in known:
                found["refused"] = "its file was not imported, or by an import hook of the program's own"
            every.append(found)
        return every


def leave() -> None:
    """Ends a program that was stopped, with what it started."""
    _children.end_children()
    _reporting.leave_process(0)


def write_json(path: str, message: Json) -> None:
    """Writes a message whole or not at all."""
    partial = f"{path}.{os.getpid()}.part"
    with open(partial, "w", encoding="utf-8") as file:
        json.dump(message, file)
    os.replace(partial, path)
