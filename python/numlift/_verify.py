"""Runs old and new text of regions for the verifier: `python -m numlift._worker verify JOBDIR`.

Reads one `VerifyJob` a line on standard input, writes one `Verdict` a line on standard output. What is compared, and
on which inputs, is decided in Rust (`crates/numlift_verify`), which calls a `Runner` here: `load` gives the live-ins of
a captured input in fresh memory, `run` runs one side on some live-ins and says all that it left behind.

Between runs the namespaces of the program's modules, the global random generators and the warning filters are put
back. Names with `::` in them are globals that functions called from the region can reach, and what else of the program
outlives a run (`_state`).
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import pickle
import random
import re
import signal
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from numlift import _compiled, _describe, _ending, _outline, _pickling, _returns, _snapshot, _state, _world

Json = dict[str, Any]
Warned = set[tuple[str, str]]
# An execution of so many seconds, or of this part of the budget, is not repeated where its end was saved.
LONG = 0.25
LONG_SHARE = 0.1
# Seconds for one more run of compiled code, to see what finding it in the cache takes.
LIMIT_AGAIN = 60.0
# However little memory is allowed, the verifier itself needs some.
LEAST_MEMORY = 1 << 28
EVENT = re.compile(r"(divide by zero|overflow|underflow|invalid value) encountered")


class TimeLimit(BaseException):
    """A run takes too long; not an `Exception`, since no program should handle it."""


@dataclass
class Result:
    """What one run left behind, as the native module reads it."""

    ended: str
    text: str = ""
    kind: str = ""
    by_user: bool = False
    value: Any = None
    names: dict[str, Any] = field(default_factory=dict)
    random: dict[str, Any] = field(default_factory=dict)
    printed: str = ""
    warnings: list[tuple[str, str]] = field(default_factory=list)
    seconds: float = 0.0
    # From the watched execution itself: warnings are not known, and of the arguments only those not bound again.
    recorded: bool = False
    arguments: dict[str, Any] | None = None


class Runner:
    """Runs the two texts of one job."""

    describe = staticmethod(_describe.describe)
    rebuild = staticmethod(_describe.rebuild)

    def __init__(self, job: Json, world: _world.World) -> None:
        self.job = job
        self.world = world
        self.paths: list[str] = [capture["path"] for capture in job["captures"]]
        self.seconds = [capture.get("seconds") for capture in job["captures"]]
        # Globals that are not data, and the state of the generators, by capture.
        self.fixed: dict[int, dict[tuple[str, str], Any]] = {}
        self.generators: dict[int, tuple[Any, Any]] = {}
        self.modules = _state.Modules(world, self.identifiers)
        self.sides: tuple[_outline.Outline, _outline.Outline | _compiled.Call] | None = None
        self.compiled: _compiled.Compiled | None = None
        self.module = job["module"].get("name", "__main__")

    def load(self, number: int) -> dict[str, Any]:
        """The live-ins of a captured input, in fresh memory."""
        snapshot = _snapshot.load(self.paths[number], self.world)
        self.module = snapshot.info["module"]
        self.prepare()
        live = {name: value for name, value in snapshot.names.items() if name in self.wanted}
        fixed = {}
        for (module, name), value in snapshot.globals.items():
            self.modules.remember(module)
            if module == self.module and name in live and not self.sides_local(name):
                continue
            if _state.is_data(value):
                live[f"{module}::{name}"] = value
            else:
                fixed[module, name] = value
        self.fixed[number] = fixed
        self.generators[number] = (snapshot.random_state, snapshot.numpy_state)
        bound = [f"{self.module}::{name}" for name in snapshot.names]
        taken = [f"{module}::{name}" for module, name in snapshot.globals]
        live.update(self.modules.live([*bound, *taken]))
        return live

    def identifiers(self) -> set[str]:
        """Every name in the two texts."""
        found = re.findall(r"[^\W\d]\w*", f"{self.job['old']} {self.job['new']}")
        return set(found)

    def prepare(self) -> None:
        """Makes the module and compiles both texts, once."""
        if self.sides is not None:
            return
        namespace = self.world.namespace(self.module)
        self.modules.remember(self.module)
        job, where = self.job, self.job["module"]
        file, line = where["file"], where.get("line", 1)
        enclosing = None
        if not job.get("module_level", False):
            enclosing = _outline.enclosing_code(self.world.compiled(file), where["function"], line)
            if enclosing is None:
                raise LookupError(f"no function `{where['function']}` before line {line} of {file}")

        def resolve(name: str) -> Any:
            return self.world.resolve(self.module, name)

        def outline(text: str, named: str, first: int) -> _outline.Outline:
            return _outline.Outline(text, named, first, enclosing, job["live_in"], namespace, resolve)

        old = outline(job["old"], file, line)
        new: _outline.Outline | _compiled.Call
        if job.get("kernel"):
            self.compiled = _compiled.Compiled(job, self.world, self.module)
        if self.compiled is not None and not job["kernel"].get("outlined"):
            new = _compiled.Call(self.compiled, old)
        else:
            new = outline(job["new"], _ending.NEW_FILE, 1)
        self.sides = (old, new)
        self.wanted = set(job["live_in"])
        self.reported = {*job["binds"], *job["live_out"], *old.assigned(), *new.assigned()}
        imports = "\n".join(job.get("imports", []))
        self.imports = compile(imports, _ending.NEW_FILE, "exec", dont_inherit=True) if imports.strip() else None

    def sides_local(self, name: str) -> bool:
        return self.sides is not None and self.sides[0].is_local(name)

    def run(self, is_new: bool, number: int, live: dict[str, Any], limit: float, pristine: bool) -> Result:
        """Runs one side on these live-ins."""
        recorded = pristine and self.is_recorded(number)
        if recorded and not is_new:
            return self.left_behind(number)
        if pristine and not is_new and (self.seconds[number] or 0.0) > limit:
            return Result("timed out", seconds=limit)
        assert self.sides is not None
        side = self.sides[int(is_new)]
        compiled = self.compiled if is_new else None
        why = compiled.leaves_out() if compiled is not None and not pristine else None
        if why is not None:
            return Result("broken", text=why)
        self.modules.restore()
        try:
            if is_new and self.imports is not None:
                exec(self.imports, side.namespace)
            self.install(side, number, live)
            if compiled is not None:
                compiled.bind(compiled.in_place(number if pristine else None))
            starts = self.modules.bindings()
            ended = compiled.notes() if compiled is not None and pristine else None
            result = self.whole(execute(side, live, limit, apart=recorded))
            if self.compiled is not None and not is_new:
                self.compiled.raised = result.ended == "raised"
            if ended is not None and result.ended != "broken":
                try:
                    result.seconds = max(result.seconds - ended(), 0.0)
                except _compiled.Stays as why:
                    return Result("broken", text=f"it stays in Python: {why}")
            result.names = self.names(side, live, result.names, starts)
            result.random = random_states()
            return result
        finally:
            if compiled is not None:
                compiled.unbind()
            self.modules.restore()

    def whole(self, result: Result) -> Result:
        """A function that runs off its end returns None."""
        kernel = self.job.get("kernel")
        if kernel and not kernel.get("outlined") and result.ended == "finished":
            result.ended = "returned"
        return result

    def install(self, side: _outline.Outline | _compiled.Call, number: int, live: dict[str, Any]) -> None:
        for (module, name), value in self.fixed[number].items():
            self.world.namespace(module)[name] = value
        for name, value in live.items():
            if "::" in name:
                self.modules.install(name, value)
            elif not side.is_local(name):
                side.namespace[name] = value
        for name in self.wanted:
            # An unbound live-in must not be found in the module as it was made.
            if name not in live and not side.is_local(name) and name not in self.modules.before[self.module]:
                side.namespace.pop(name, None)
        plain, numpy_state = self.generators[number]
        if plain is not None:
            random.setstate(plain)
        if numpy_state is not None:
            np.random.set_state(numpy_state)  # noqa: NPY002 (the program's own global generator)

    def names(
        self,
        side: _outline.Outline | _compiled.Call,
        live: dict[str, Any],
        bound: dict[str, Any],
        starts: dict[str, dict[str, Any]],
    ) -> dict[str, Any]:
        """What the region's names are bound to, and other globals that are bound to something else than before."""
        found = {}
        for name in sorted(self.reported):
            if side.is_local(name):
                if name in bound:
                    found[name] = bound[name]
            elif name in side.namespace:
                found[name] = side.namespace[name]
        for name in live:
            if "::" in name:
                found.update((name, value) for value in self.modules.now(name))
        for module, start in starts.items():
            for name, value in self.world.namespace(module).items():
                own = module == self.module and name in self.reported
                if (
                    own
                    or name.startswith("__")
                    or (name in start and start[name] is value)
                    or not _state.is_data(value)
                ):
                    continue
                found[f"{module}::{name}"] = value
        return found

    def told(self) -> Json:
        """What is to be told of the compiled side; at the end."""
        assert self.compiled is not None
        verdict = self.compiled.verdict()
        if self.compiled.types:
            self.compiled.afresh()
            before = self.compiled.compiler.seconds(self.compiled.kernel)
            self.run(True, 0, self.load(0), LIMIT_AGAIN, False)
            one = self.compiled.compiler.seconds(self.compiled.kernel) - before
            verdict["again"] = one * len(self.compiled.types)
        return verdict

    def left_behind(self, number: int) -> Result:
        """What the watched execution itself left behind."""
        after = _snapshot.load(self.paths[number] + ".after", self.world)
        info = after.info
        arguments = {name: value for name, value in after.names.items() if name not in self.job["binds"]}
        arguments = {name: value for name, value in arguments.items() if name in self.wanted}
        for (module, name), value in after.globals.items():
            if _state.is_data(value) and not (
                module == self.module and name in self.wanted and not self.sides_local(name)
            ):
                arguments[f"{module}::{name}"] = value
        random.setstate(after.random_state)
        if after.numpy_state is not None:
            np.random.set_state(after.numpy_state)  # noqa: NPY002 (the program's own global generator)
        raised = info["raised"]
        if raised is not None:
            result = Result("raised", raised["message"], raised["class"], raised["by_user"])
        else:
            returned = after.names.get(_returns.RETURNED)
            result = self.whole(Result("returned" if info["returned"] else "finished", value=returned))
        result.names = {name: after.names[name] for name in sorted(self.reported) if name in after.names}
        result.random = random_states()
        result.printed = info["printed"]
        result.seconds = self.seconds[number] or 0.0
        result.recorded = True
        result.arguments = arguments
        return result

    def is_recorded(self, number: int) -> bool:
        """Whether what the watched execution left behind stands for running the old text again."""
        seconds = self.seconds[number] or 0.0
        long = min(LONG, LONG_SHARE * self.job.get("budget_seconds", 20.0))
        return seconds >= long and os.path.exists(self.paths[number] + ".after")


def execute(
    side: _outline.Outline | _compiled.Call, live: dict[str, Any], limit: float, *, apart: bool = False
) -> Result:
    """Runs the text and notes how it ended, what it printed and which warnings it gave.

    `apart`: what it prints on standard error is not noted; a recorded execution has only standard output.
    """
    hook, printed = _outline.Hook(), io.StringIO()
    errors = io.StringIO() if apart else printed
    warned: Warned = set()
    clock = time.perf_counter
    begin = clock()
    result = Result("finished")
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(errors), noting_warnings(warned):
        try:
            with time_limit(limit):
                begin = clock()
                result.value = side.run(live, hook)
                result.seconds = clock() - begin
            if not hook.ended:
                result.ended = "returned"
        except TimeLimit:
            result = Result("timed out", seconds=limit)
        except _pickling.NotSaved as missing:
            result = Result("broken", text=f"it uses {missing}, which could not be saved")
        except _compiled.Stays as why:
            result = Result("broken", text=f"it stays in Python: {why}")
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            result = raised(error, clock() - begin)
    result.names = dict(hook.bound)
    result.printed = printed.getvalue()
    result.warnings = sorted(warned)
    return result


def raised(error: BaseException, seconds: float) -> Result:
    left = _ending.raised(error)
    return Result("raised", left["message"], left["class"], left["by_user"], seconds=seconds)


@contextlib.contextmanager
def noting_warnings(warned: Warned) -> Iterator[None]:
    """Warnings by category and kind; their text and count do not matter, so each place gives each once."""

    def note(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
        text = str(message)
        event = EVENT.match(text)
        if event is not None:
            kind = event[1]
        else:
            kind = text if category is UserWarning or _is_users(category) else ""
        warned.add((_describe.class_text(category), kind))

    with warnings.catch_warnings():
        warnings.simplefilter("default")
        warnings.showwarning = note
        yield


def _is_users(category: type) -> bool:
    return category.__module__ not in ("builtins", "exceptions") and not category.__module__.startswith("numpy")


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raises `TimeLimit` after so many seconds, and again should the program swallow it."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def expire(*_: Any) -> None:
        raise TimeLimit

    before = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001), 0.05)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def random_states() -> dict[str, Any]:
    """The states of the global generators, as numbers that differ when they do."""
    state = np.random.get_state(legacy=False)  # noqa: NPY002 (the program's own global generator)
    return {"random": hash(random.getstate()), "np.random": hash(pickle.dumps(state))}


class Memory:
    """A hostile size must fail rather than take the machine's memory, and no job takes more than it is allowed."""

    def __init__(self) -> None:
        try:
            import resource

            self.machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
            with open("/proc/self/statm", encoding="ascii") as file:
                self.own = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
            self.set: Callable[[int, tuple[int, int]], None] = resource.setrlimit
            self.kind = resource.RLIMIT_AS
            self.hard = resource.getrlimit(self.kind)[1]
        except (ImportError, AttributeError, ValueError, OSError):
            self.own = 0
        self.limit(None)

    def limit(self, allowed: int | None) -> None:
        """From here on no more than `allowed` bytes beside what the interpreter takes by itself."""
        if not self.own:
            return
        size = self.machine if allowed is None else min(self.machine, self.own + max(allowed, LEAST_MEMORY))
        with contextlib.suppress(ValueError, OSError):
            self.set(self.kind, (size if self.hard < 0 else min(size, self.hard), self.hard))


def own_streams() -> tuple[Any, Any]:
    """The protocol's streams; the program's own input is empty and its output goes to standard error."""
    lines = os.fdopen(os.dup(0), "r", encoding="utf-8")
    verdicts = os.fdopen(os.dup(1), "w", encoding="utf-8")
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    os.dup2(2, 1)
    return lines, verdicts


def failed(region: int, error: str) -> Json:
    none = {"run": 0, "raised": 0, "skipped": 0}
    return {
        "region": region,
        "agree": False,
        "captured": none,
        "hostile": none,
        "differences": [],
        "worst": {},
        "old_seconds": None,
        "new_seconds": None,
        "notes": [],
        "error": error,
        "seconds": 0.0,
    }


def verify(line: str, world: _world.World, native: Callable[[str, Any], str]) -> str:
    """The verdict on one job."""
    job = json.loads(line)
    runner = Runner(job, world)
    try:
        verdict = native(line, runner)
        return verdict if runner.compiled is None else json.dumps({**json.loads(verdict), "kernel": runner.told()})
    except Exception as error:
        return json.dumps(failed(job["region"], f"{type(error).__name__}: {error}"))
    finally:
        runner.modules.restore()


def main(directory: str) -> int:
    """Answers jobs until standard input ends."""
    from numlift import _native

    lines, verdicts = own_streams()
    _compiled.keep_in(directory)
    memory = Memory()
    world = _world.World()
    try:
        for line in lines:
            if line.strip():
                memory.limit(json.loads(line).get("max_memory"))
                verdicts.write(verify(line, world, _native.verify) + "\n")
                verdicts.flush()
    except KeyboardInterrupt:
        return 130
    return 0
