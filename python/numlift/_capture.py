"""When to take snapshots of a region, and what goes into one.

Looks are taken at the first entries and then at random ones, ever further apart, so that a million entries are looked
at some thirty times. A look costs a type signature; where few snapshots with this signature exist one is taken, later
ones replace earlier ones at random (reservoir sampling), so that what is kept is not only the beginning. Bytes and
time are limited; what can't be afforded now is tried again later.

Beside a snapshot `r3_0.snap`, taken before, lies `r3_0.snap.after` where the execution took long: live-ins, results and
globals afterwards, what was printed, what was returned or raised, so that nobody has to execute the original again.
"""

from __future__ import annotations

import _thread
import os
import random
import sys
import time
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from numlift import _ending, _hooks, _returns, _seen, _snapshot, _world

Json = dict[str, Any]
now = time.perf_counter
get_ident = _thread.get_ident

OPTIMIZED = 0x1
SIGNATURES_AT_MOST = 8
# Snapshots may cost this much at once and this part of the program's time. The first one of a region may use all of
# it; the first one of a region inside another leaves some for those which are entered only once, repeated ones more.
FREE_SECONDS = 0.65
SHARE = 0.1
RESERVE_INNER = 0.15
RESERVE_REPEATED = 0.3
# An execution at least this long gets a snapshot of what it left behind, which may take this part of its time.
LONG_EXECUTION = 0.02
AFTER_SHARE = 0.2
NO_TIME = "snapshots would have taken too much of the program's time"


@dataclass
class Spec:
    """A region of the plan."""

    id: int
    file: str
    function: str
    start: tuple[int, int]
    end: tuple[int, int]
    live_in: list[str]
    binds: list[str]
    parent: int | None = None
    returns: bool = False
    # What it returns can't be seen.
    blind: bool = False
    # Nothing is captured.
    timed_only: bool = False
    identifiers: frozenset[str] = frozenset()

    @staticmethod
    def from_json(region: Json) -> Spec:
        start, end = region["start"], region["end"]
        return Spec(
            region["id"],
            region["file"],
            region["function"],
            (start["line"], start["column"]),
            (end["line"], end["column"]),
            list(region["live_in"]),
            list(region["binds"]),
            region["parent"],
            region["returns"],
            timed_only=region.get("timed_only", False),
        )


@dataclass
class Pending:
    """A snapshot whose execution is still going on."""

    file: str
    entry: int
    bytes: int
    signature: Any
    replaces: Json | None
    live_in: dict[str, Json]
    globals: dict[str, Json]
    keys: list[tuple[str, str]]
    # Base numbers of the arrays among the live-ins that the region does not bind.
    bases: dict[str, int]
    handled: BaseException | None
    printed: int
    cost: float


@dataclass
class Kept:
    """The snapshots of one region."""

    spec: Spec
    timer: _hooks.Timer
    captures: list[Json] = field(default_factory=list)
    by_signature: dict[Any, list[Json]] = field(default_factory=dict)
    looks: dict[Any, int] = field(default_factory=dict)
    pending: Pending | None = None
    refused: str | None = None
    hopeless: int = 0
    cost: float = 0.0
    number: int = 0


class Capturer:
    """Takes snapshots for all regions of a plan, within its limits."""

    def __init__(self, plan: Json, directory: str, clock: _hooks.Clock, printed: Callable[[], int]) -> None:
        self.directory = directory
        self.clock = clock
        self.printed = printed
        self.read_printed: Callable[[int, int], str] = lambda start, end: ""
        self.per_signature: int = plan["captures_per_signature"]
        self.max_bytes: int = plan["max_capture_bytes"]
        self.bytes_left: int = plan["max_total_bytes"]
        self.spent = 0.0
        self.random = random.Random(1)
        self.kept: dict[int, Kept] = {}
        self.project = ProjectModules()
        self.package: str | None = None
        os.makedirs(directory, mode=0o700, exist_ok=True)

    def watch(self, spec: Spec) -> Kept:
        """Prepares the hooks of a region; `start` them when its code is about to run."""
        timer = _hooks.Timer(spec.id, self.clock, self.look)
        if spec.timed_only:
            timer.look_at = sys.maxsize
        kept = Kept(spec, timer)
        self.kept[spec.id] = kept
        return kept

    def allowance(self) -> float:
        """Seconds that snapshots may take now."""
        return FREE_SECONDS + SHARE * self.clock.elapsed() - self.spent

    def look(self, timer: _hooks.Timer, frame: types.FrameType) -> None:
        """Called before an entry that is due to be looked at."""
        began = now()
        kept = self.kept[timer.number]
        timer.look_at = timer.entries + self.distance(timer.entries)
        if self.per_signature == 0:
            timer.look_at = sys.maxsize
            return
        if self.clock.busy:
            # Another thread is taking a snapshot.
            timer.look_at = timer.entries + 1
            return
        self.clock.busy = get_ident()
        try:
            self.consider(kept, frame)
        except Exception as error:
            # Whatever this is, the program must not notice.
            self.give_up(kept, error)
        finally:
            self.clock.busy = 0
            spent = now() - began
            self.spent += spent
            self.clock.lost += spent

    def give_up(self, kept: Kept, error: Exception) -> None:
        """No more snapshots of this region."""
        kept.pending = None
        kept.timer.finish = None
        kept.hopeless = sys.maxsize
        kept.refused = f"taking a snapshot failed: {type(error).__name__}: {error}"

    def distance(self, entries: int) -> int:
        """To the next look: 1 at first, then about a third of the entries so far."""
        return 1 if entries < 4 else 1 + int(entries * self.random.uniform(0.1, 0.6))

    def consider(self, kept: Kept, frame: types.FrameType) -> None:
        """Takes a snapshot if this entry is worth one."""
        allowed = self.allowance()
        first = not kept.captures and kept.pending is None
        needed = 1.3 * kept.cost
        parent = self.kept.get(kept.spec.parent) if kept.spec.parent is not None else None
        if not first:
            needed += RESERVE_REPEATED
        elif parent is not None:
            needed = max(needed, 1.3 * parent.cost) + RESERVE_INNER
        if kept.pending is not None or kept.hopeless > 3 or allowed < needed:
            return
        names = live_values(frame, kept.spec.live_in)
        signature = _seen.signature(names)
        replaces: Json | None = None
        same = kept.by_signature.get(signature, [])
        if signature not in kept.looks and len(kept.looks) >= SIGNATURES_AT_MOST:
            return
        kept.looks[signature] = seen = kept.looks.get(signature, 0) + 1
        if len(same) >= self.per_signature:
            place = self.random.randrange(seen)
            if place >= len(same):
                return
            replaces = same[place]
        self.take(kept, frame, names, signature, replaces, now() + max(allowed, 0.02))

    def take(
        self,
        kept: Kept,
        frame: types.FrameType,
        names: dict[str, Any],
        signature: Any,
        replaces: Json | None,
        deadline: float,
    ) -> None:
        began = now()
        kept.number += 1
        file = f"r{kept.spec.id}_{kept.number}.snap"
        limits = _snapshot.Limits(min(self.max_bytes, self.bytes_left), deadline)
        try:
            trailer = _snapshot.save(os.path.join(self.directory, file), names, self.scope(kept.spec, frame), limits)
        except _snapshot.TooSlow as reason:
            kept.refused = str(reason)
            kept.cost = 2 * (now() - began)
            return
        except _snapshot.Refused as reason:
            kept.refused = str(reason)
            kept.hopeless += 1
            return
        except Exception as error:
            # The program's own pickling code may do anything.
            kept.refused = f"saving failed: {type(error).__name__}: {error}"
            kept.hopeless += 1
            return
        size = os.path.getsize(os.path.join(self.directory, file))
        self.bytes_left -= size
        seer = _seen.Seer()
        keys = [(module, name) for module, name in trailer["globals"]]
        called = _snapshot.globals_now(keys)
        seen_globals = {f"{module}.{name}": seer.see(value) for (module, name), value in called.items()}
        kept.pending = Pending(
            file,
            kept.timer.entries - 1,
            size,
            signature,
            replaces,
            _seen.see_names(names, seer),
            dict(sorted(seen_globals.items())),
            keys,
            {name: seer.base(names[name]) for name in names if name not in kept.spec.binds and is_array(names[name])},
            sys.exc_info()[1],
            self.printed(),
            now() - began,
        )
        kept.cost = now() - began
        kept.timer.finish = lambda left, seconds: self.finished(kept, left, seconds)
        kept.timer.unfinished = lambda seconds: self.keep(kept, seconds, {})

    def scope(self, spec: Spec, frame: types.FrameType) -> _snapshot.Scope:
        module = frame.f_globals.get("__name__", "__main__")
        return _snapshot.Scope(
            file=spec.file,
            module=module,
            function=spec.function,
            identifiers=spec.identifiers,
            project=self.project.found(),
            path=tuple(entry for entry in sys.path if isinstance(entry, str)),
            package=self.package,
            extra={"region": spec.id, "entry": self.kept[spec.id].timer.entries - 1},
        )

    def finished(self, kept: Kept, frame: types.FrameType, seconds: float) -> None:
        """Called when an entry with a snapshot has ended."""
        pending = kept.pending
        if pending is None:
            return
        began = now()
        error = sys.exc_info()[1]
        raised = error if error is not pending.handled else None
        self.clock.busy = get_ident()
        try:
            after = live_values(frame, [*kept.spec.live_in, *kept.spec.binds, _returns.RETURNED])
            bound = {name: after[name] for name in kept.spec.binds if name in after} if raised is None else {}
            live_out = _seen.see_names(bound, seer_with(pending.bases, after))
            known = raised is not None or not kept.spec.blind
            if known and seconds >= LONG_EXECUTION and self.allowance() > 1.3 * pending.cost:
                self.take_after(kept, pending, frame, after, raised, AFTER_SHARE * seconds)
        except Exception as error:
            self.give_up(kept, error)
            return
        finally:
            self.clock.busy = 0
            spent = now() - began
            self.spent += spent
            self.clock.lost += spent
        self.keep(kept, seconds, live_out)

    def take_after(
        self,
        kept: Kept,
        pending: Pending,
        frame: types.FrameType,
        names: dict[str, Any],
        raised: BaseException | None,
        worth: float,
    ) -> None:
        """A second snapshot: what the execution left behind. It takes no longer than it is worth."""
        scope = self.scope(kept.spec, frame)
        scope.extra["printed"] = self.read_printed(pending.printed, self.printed())
        scope.extra["raised"] = None if raised is None else _ending.raised(raised)
        scope.extra["returned"] = raised is None and _returns.RETURNED in names
        path = os.path.join(self.directory, pending.file + ".after")
        deadline = now() + max(min(self.allowance(), worth), 0.02)
        limits = _snapshot.Limits(min(self.max_bytes, self.bytes_left), deadline)
        try:
            _snapshot.save(path, names, scope, limits, pending.keys)
        except Exception:
            # Without it the original has to be executed again, that's all.
            return
        self.bytes_left -= os.path.getsize(path)

    def keep(self, kept: Kept, seconds: float, live_out: dict[str, Json]) -> None:
        """The pending snapshot becomes one of those that are reported."""
        pending, kept.pending = kept.pending, None
        assert pending is not None
        capture: Json = {
            "file": pending.file,
            "entry": pending.entry,
            "seconds": seconds,
            "bytes": pending.bytes,
            "live_in": pending.live_in,
            "globals": pending.globals,
            "live_out": live_out,
        }
        same = kept.by_signature.setdefault(pending.signature, [])
        if pending.replaces is not None and pending.replaces in same:
            self.drop(kept, same, pending.replaces)
        same.append(capture)
        kept.captures.append(capture)

    def drop(self, kept: Kept, same: list[Json], capture: Json) -> None:
        same.remove(capture)
        kept.captures.remove(capture)
        for ending in ("", ".after"):
            path = os.path.join(self.directory, capture["file"] + ending)
            if os.path.exists(path):
                self.bytes_left += os.path.getsize(path)
                os.remove(path)

    def report(self) -> list[Json]:
        """`RegionWatch` of every region; hooks go off and what is still running counts up to now."""
        found: list[Json] = []
        for kept in self.kept.values():
            timer = kept.timer
            running = now() - timer.entered - (self.clock.lost - timer.lost_before) if timer.depth else 0.0
            timer.stop()
            timer.finish = None
            if kept.pending is not None:
                self.keep(kept, max(running, 0.0), {})
            kept.captures.sort(key=lambda capture: capture["entry"])
            found.append(
                {
                    "id": kept.spec.id,
                    "entries": timer.entries,
                    "seconds": max(timer.seconds, 0.0),
                    "exact": timer.exact,
                    "captures": kept.captures,
                    "refused": None if kept.captures or not timer.entries else kept.refused or NO_TIME,
                }
            )
        by_id: dict[int, Json] = {region["id"]: region for region in found}
        for _, region in sorted(by_id.items()):
            # What was extrapolated is at most what the region around it took.
            parent = self.kept[region["id"]].spec.parent
            around = by_id[parent]["seconds"] if parent in by_id else self.clock.elapsed()
            if not region["exact"]:
                region["seconds"] = min(region["seconds"], around)
        return [by_id[number] for number in sorted(by_id)]


def live_values(frame: types.FrameType, names: Iterable[str]) -> dict[str, Any]:
    """The values that names have in a frame: locals, enclosing variables, globals; unbound ones are left out."""
    code = frame.f_code
    found: dict[str, Any] = {}
    local_values: Mapping[str, Any] = frame.f_locals
    for name in sorted(set(names)):
        if name in local_values:
            found[name] = local_values[name]
        elif name not in code.co_varnames and name in frame.f_globals:
            found[name] = frame.f_globals[name]
    # Up to 3.12 the frame keeps the dictionary, and with it references that change when memory is freed.
    shown = _returns.SHOWS_LOCALS.intersection(code.co_names)
    if sys.version_info < (3, 13) and code.co_flags & OPTIMIZED and not shown:
        local_values.clear()  # type: ignore[attr-defined]
    return found


def is_array(value: Any) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, getattr(numpy, "ndarray", ()))


def seer_with(bases: Mapping[str, int], names: Mapping[str, Any]) -> _seen.Seer:
    """Numbers bases as they were numbered before. Nothing holds on to them in between, or `resize` would notice."""
    seer = _seen.Seer()
    for name, number in bases.items():
        if name in names and is_array(names[name]):
            seer.number(names[name], number)
    seer.count = max(bases.values(), default=-1) + 1
    return seer


class ProjectModules:
    """The imported modules that belong to the user, by name."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[int, str | None]] = {}

    def found(self) -> dict[str, str]:
        """Module name to file, sorted."""
        modules: dict[str, str] = {}
        for name, module in list(sys.modules.items()):
            known = self.known.get(name)
            if known is None or known[0] != id(module):
                file = getattr(module, "__file__", None) if isinstance(module, types.ModuleType) else None
                is_project = isinstance(file, str) and _world.is_project_file(file)
                known = (id(module), os.path.realpath(file) if is_project and file else None)
                self.known[name] = known
            if known[1] is not None:
                modules[name] = known[1]
        return dict(sorted(modules.items()))
