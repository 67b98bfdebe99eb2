"""Lifts the loops of one program without watching it: example calls give the types, the engine gives the cures.

    program = Program(source, "kernel")
    found = lift(program, [{"x": np.arange(3.0)}])
    found.source          the text with the cures applied, or None
    found.regions         what was found for each region, as `numlift._native.lift` tells it

The live-ins of a region are what its names hold when its first statement is reached in one of the calls.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import sys
import types
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from numlift import _native, _seen
from running import TimeLimit, copy_arguments, time_limit

Json = dict[str, Any]
NUMBERS = itertools.count()
MOST_CAPTURES = 6


@dataclass
class Program:
    """A module's text and the function of it that is lifted; `<module>` for the module's own statements."""

    source: str
    function: str

    def namespace(self) -> dict[str, Any]:
        """The module, executed."""
        name = f"program{next(NUMBERS)}"
        # The program's own imports of itself, and pickles, are not expected; classes need a module.
        namespace: dict[str, Any] = {"__name__": name, "__builtins__": __builtins__}
        exec(compile(self.source, f"<{name}>", "exec", dont_inherit=True), namespace)
        return namespace

    def load(self) -> Callable[..., Any]:
        return self.lookup(self.namespace())

    def lookup(self, namespace: dict[str, Any]) -> Callable[..., Any]:
        owner, *rest = self.function.split(".")
        value = namespace[owner]
        for part in rest:
            value = getattr(value, part)
        return value


@dataclass
class Found:
    """What the engine says of a program."""

    regions: list[Json]
    source: str | None
    captures: dict[int, list[Json]] = field(default_factory=dict)

    def outermost(self, function: str | None = None) -> list[Json]:
        known = {region["region"]["id"] for region in self.regions}
        outer = [region for region in self.regions if region["region"]["parent"] not in known]
        return [region for region in outer if region["region"]["function"] == function] or outer

    def is_lifted(self, function: str | None = None) -> bool:
        """Every outermost region (of a function) that was entered is lifted or fast already, and one is lifted."""
        outcomes = {region["outcome"] for region in self.outermost(function)}
        return "cured" in outcomes and outcomes <= {"cured", "fast", "unseen"}

    def leaves_a_loop(self) -> bool:
        """A loop was split, so that part of it is still there."""
        return any("split" in cure["steps"] for cure in self.cures())

    def cures(self) -> list[Json]:
        return [region["cures"][0] for region in self.regions if region["outcome"] == "cured"]

    def allowed(self) -> set[str]:
        """The kinds of difference that are announced."""
        return {allow["t"] for cure in self.cures() for allow in cure["allow"]}

    def rel_bound(self) -> float:
        """0 when all is exact."""
        return max((cure["rel_bound"] for cure in self.cures() if cure["strength"] == "rounding"), default=0.0)

    def why_not(self) -> str:
        """The blockers in one line."""
        told = []
        for region in self.regions:
            if region["outcome"] == "blocked":
                told += [f"{blocker['kind']}: {blocker['message']}" for blocker in region["blockers"]]
            elif region["outcome"] != "cured":
                told.append(region["outcome"])
        return "; ".join(told) or "no region"


class Tracer:
    """Notes the live-ins of regions while the program runs."""

    def __init__(self, regions: list[Json]) -> None:
        self.by_function: dict[str, list[Json]] = {}
        for region in regions:
            self.by_function.setdefault(region["region"]["function"], []).append(region["region"])
        self.captures: dict[int, list[Json]] = {}
        # The last line of each running frame.
        self.lines: dict[int, int] = {}

    def trace(self, frame: types.FrameType, event: str, argument: Any) -> Any:
        if frame.f_code.co_qualname not in self.by_function or not frame.f_code.co_filename.startswith("<program"):
            return None
        self.lines[id(frame)] = 0
        return self.line

    def line(self, frame: types.FrameType, event: str, argument: Any) -> Any:
        if event != "line":
            return self.line
        before, self.lines[id(frame)] = self.lines[id(frame)], frame.f_lineno
        for region in self.by_function[frame.f_code.co_qualname]:
            start, end = region["start"]["line"], region["end"]["line"]
            taken = self.captures.get(region["id"], [])
            if frame.f_lineno == start and not start <= before <= end and len(taken) < MOST_CAPTURES:
                names = {
                    name: frame.f_locals.get(name, frame.f_globals.get(name))
                    for name in region["live_in"]
                    if name in frame.f_locals or name in frame.f_globals
                }
                self.captures.setdefault(region["id"], []).append(_seen.see_names(names))
        return self.line


def lift(
    program: Program,
    calls: Iterable[dict[str, Any]],
    function: str | None = "",
    exact: bool = False,
    forms: bool = False,
) -> Found:
    """Runs the example calls (keyword arguments) and lifts what they entered; `None` for regions of all functions.

    With `forms`, each region comes with the text of its IR in each form.
    """

    def run() -> None:
        for arguments in calls:
            program.load()(**copy_arguments(arguments))

    return lift_watching(program, run, program.function if function == "" else function, exact, forms)


def lift_module(source: str, exact: bool = False, forms: bool = False) -> Found:
    """Runs a whole program and lifts everything."""
    program = Program(source, "<module>")
    return lift_watching(program, lambda: program.namespace(), None, exact, forms)


def lift_watching(
    program: Program, run: Callable[[], Any], function: str | None, exact: bool, forms: bool = False
) -> Found:
    """Lifts what `run` enters."""
    regions = json.loads(_native.lift(program.source, function, "{}"))["regions"]
    tracer = Tracer(regions)
    outer = sys.gettrace()
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(action="ignore"), time_limit(5.0):
            sys.settrace(tracer.trace)
            run()
    except (Exception, TimeLimit):
        pass  # what was captured until then counts
    finally:
        sys.settrace(outer)
    found = json.loads(_native.lift(program.source, function, json.dumps(tracer.captures), exact, forms=forms))
    return Found(found["regions"], found["source"], tracer.captures)


def watched_calls(source: str, functions: list[str]) -> list[tuple[str, dict[str, Any]]]:
    """Runs a program and gives the first calls of each function, with the arguments as they were at the call.

    Only calls whose arguments are plain data: arrays, numbers, texts, and lists and tuples of them.
    """
    calls: list[tuple[str, dict[str, Any]]] = []

    def trace(frame: types.FrameType, event: str, argument: Any) -> None:
        code = frame.f_code
        if not code.co_filename.startswith("<program") or code.co_qualname not in functions:
            return
        if code.co_qualname == "<module>" or "<" in code.co_qualname or code.co_posonlyargcount or code.co_flags & 0xC:
            return
        arguments = {name: frame.f_locals[name] for name in code.co_varnames[: code.co_argcount]}
        if all(map(is_data, arguments.values())) and sum(name == code.co_qualname for name, _ in calls) < 2:
            calls.append((code.co_qualname, copy_arguments(arguments)))

    outer = sys.gettrace()
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(action="ignore"), time_limit(5.0):
            sys.settrace(trace)
            Program(source, "<module>").namespace()
    except (Exception, TimeLimit):
        pass
    finally:
        sys.settrace(outer)
    return calls


def is_data(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(map(is_data, value))
    return type(value) in (types.NoneType, bool, int, float, complex, str) or _seen.see(value)["t"] in ("array", "np")
