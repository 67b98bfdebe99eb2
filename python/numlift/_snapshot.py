"""Snapshots: the values that a region reads, in a file, with everything that they share.

    save(path, names, scope, limits)     while the program runs
    describe(path)                       what is in it, without loading anything
    load(path, world)                    the values again, fresh memory each time, shared as they were

A snapshot holds the live-ins, the globals that functions called from the region read (found through the names in
their code), and the state of the global random generators. File: pickle stream, array buffers, then a JSON trailer
with its length in the last eight bytes before the magic; so it is written in one go and described by its end.

    loaded = load(path, world)
    loaded.install(world)                globals into their modules, random generators set
    namespace = {**world.namespace(loaded.info["module"]), **loaded.names}
"""

from __future__ import annotations

import io
import json
import os
import random
import sys
import time
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from numlift import _buffers, _pickling, _world

Json = dict[str, Any]
# Globals, by module and name.
Keys = Iterable[tuple[str, str]]
MAGIC = b"NUMLIFT1"
VERSION = 1
now = time.perf_counter

NotSaved = _pickling.NotSaved
Missing = _pickling.Missing


class Refused(Exception):
    """A snapshot that can't be taken, and why."""


class TooSlow(Refused):
    """Not taken since it would have taken too long; perhaps later."""


@dataclass
class Scope:
    """Where a region stands: what of the program it can reach."""

    file: str
    module: str
    function: str
    # Every identifier in its text, attributes too.
    identifiers: frozenset[str] = frozenset()
    project: Mapping[str, str] = field(default_factory=dict)
    path: tuple[str, ...] = ()
    package: str | None = None
    extra: Json = field(default_factory=dict)


@dataclass
class Limits:
    """How large a snapshot may become and until when (`time.perf_counter`) it must be taken."""

    max_bytes: int = 1 << 40
    deadline: float = float("inf")


@dataclass
class Snapshot:
    """A loaded snapshot."""

    info: Json
    names: dict[str, Any]
    globals: dict[tuple[str, str], Any]
    random_state: Any
    numpy_state: Any

    def install(self, world: _world.World) -> None:
        """Puts the globals into their modules and sets the random generators."""
        for (module, name), value in self.globals.items():
            world.namespace(module)[name] = value
        if self.random_state is not None:
            random.setstate(self.random_state)
        if self.numpy_state is not None:
            import numpy.random

            numpy.random.set_state(self.numpy_state)  # noqa: NPY002


def save(path: str, names: Mapping[str, Any], scope: Scope, limits: Limits, keys: Keys | None = None) -> Json:
    """Takes a snapshot of `names`; returns its trailer. `keys`: exactly these globals instead of what is reachable."""
    with open(path, "wb") as file:
        try:
            return write(file, names, scope, limits, keys)
        except BaseException as error:
            file.close()
            os.remove(path)
            if isinstance(error, _pickling.TooLarge):
                raise Refused(f"larger than {shown(limits.max_bytes)}, as much as --max-memory allows") from None
            if isinstance(error, _pickling.TooSlow):
                raise TooSlow("it would have taken too long") from None
            if isinstance(error, RecursionError):
                raise Refused("nested too deeply") from None
            raise


def shown(size: int) -> str:
    """A size as people write it."""
    for unit, bytes_ in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= bytes_:
            return f"{size / bytes_:.3g} {unit}"
    return f"{size} bytes"


def write(file: Any, names: Mapping[str, Any], scope: Scope, limits: Limits, keys: Keys | None) -> Json:
    sink = _pickling.Sink(file.write, limits.max_bytes, limits.deadline)
    pickler = _pickling.SnapshotPickler(sink)
    try:
        trailer = write_values(file.write, sink, pickler, names, scope, limits, keys)
    finally:
        pickler.release()
    data = json.dumps(trailer).encode()
    file.write(data)
    file.write(len(data).to_bytes(8, "little") + MAGIC)
    return trailer


def write_values(
    write: Callable[[Any], Any],
    sink: _pickling.Sink,
    pickler: _pickling.SnapshotPickler,
    names: Mapping[str, Any],
    scope: Scope,
    limits: Limits,
    keys: Keys | None,
) -> Json:
    """The pickle stream and the buffers; returns the trailer that belongs behind them."""
    lists = pickler.dump_scalar_lists(names.values())
    pickler.dump((list(names), *random_states()))
    for name, value in names.items():
        pickler.dump(value)
        for gone, what in pickler.missing:
            if gone is value:
                raise Refused(f"`{name}` is {what}")
    if keys is None:
        reached = Reachable(scope.identifiers)
        saved = [key for batch in reached.batches(pickler) for key in dump_globals(pickler, batch)]
    else:
        saved = list(dump_globals(pickler, globals_now(keys)))
    pickler.dump(None)
    if pickler.overlapping_objects():
        raise Refused("arrays of objects share memory")
    buffers = pickler.arrays.merged()
    if sink.bytes + sum(high - low for low, high in buffers) > limits.max_bytes:
        raise _pickling.TooLarge

    def in_time(piece: Any) -> None:
        if now() > limits.deadline:
            raise _pickling.TooSlow
        write(piece)

    table = pickler.arrays.write(in_time, sink.bytes)
    return {
        "version": VERSION,
        "file": scope.file,
        "module": scope.module,
        "function": scope.function,
        "names": list(names),
        # Objects that stand at the beginning of the stream for others to refer to.
        "ahead": lists,
        "globals": [list(key) for key in saved],
        "missing": sorted({what for _, what in pickler.missing}),
        "project": dict(scope.project),
        "path": list(scope.path),
        "package": scope.package,
        "python": sys.version.split()[0],
        "numpy": getattr(sys.modules.get("numpy"), "__version__", ""),
        **scope.extra,
        **table,
    }


def dump_globals(pickler: _pickling.SnapshotPickler, batch: dict[tuple[str, str], Any]) -> Iterable[tuple[str, str]]:
    if batch:
        pickler.dump(batch)
    return batch


def globals_now(keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Any]:
    found = {}
    for module, name in keys:
        namespace = getattr(sys.modules.get(module), "__dict__", {})
        if name in namespace:
            found[module, name] = namespace[name]
    return found


def random_states() -> tuple[Any, Any]:
    numpy_random: Any = sys.modules.get("numpy.random")
    numpy_state = numpy_random.get_state(legacy=False) if hasattr(numpy_random, "get_state") else None
    return random.getstate(), numpy_state


class Reachable:
    """The globals that a region can reach through the functions, classes and modules which its values lead to.

    Names are collected from code objects; a global or module attribute counts as read when any reached code says its
    name. That is too much rather than too little.
    """

    def __init__(self, identifiers: Iterable[str]) -> None:
        self.names: set[str] = set(identifiers)
        self.done: set[tuple[str, str]] = set()

    def batches(self, pickler: _pickling.SnapshotPickler) -> Iterable[dict[tuple[str, str], Any]]:
        """Dictionaries of globals to save, each found through what the ones before led to."""
        while True:
            counts = self.progress(pickler)
            self.methods(pickler)
            batch = self.found(pickler)
            if not batch and counts == self.progress(pickler):
                return
            yield batch

    def progress(self, pickler: _pickling.SnapshotPickler) -> tuple[int, ...]:
        return len(pickler.functions), len(pickler.classes), len(pickler.modules), len(self.names)

    def methods(self, pickler: _pickling.SnapshotPickler) -> None:
        """Methods whose name is used anywhere are reached through their class."""
        for function in pickler.functions:
            self.names.update(code_names(function.__code__))
        for kind in list(pickler.classes):
            for base in kind.__mro__:
                for name, member in base.__dict__.items():
                    if name in self.names or name.startswith("__"):
                        for function in functions_of(member):
                            pickler.reach(function)
        for function in pickler.functions:
            self.names.update(code_names(function.__code__))

    def found(self, pickler: _pickling.SnapshotPickler) -> dict[tuple[str, str], Any]:
        batch: dict[tuple[str, str], Any] = {}
        for function in pickler.functions:
            namespace = function.__globals__
            module = namespace.get("__name__", "__main__")
            if getattr(sys.modules.get(module), "__dict__", None) is not namespace:
                continue
            for name in code_names(function.__code__):
                self.add(batch, module, name, namespace)
        for module_object in pickler.modules:
            namespace = module_object.__dict__
            for name in self.names.intersection(namespace):
                self.add(batch, module_object.__name__, name, namespace)
        return batch

    def add(self, batch: dict[tuple[str, str], Any], module: str, name: str, namespace: Mapping[str, Any]) -> None:
        key = (module, name)
        if key in self.done or name.startswith("__") or name not in namespace:
            return
        self.done.add(key)
        batch[key] = namespace[name]


def code_names(code: types.CodeType) -> frozenset[str]:
    """Every global and attribute name in a code object and those inside it."""
    found = NAMES.get(code)
    if found is None:
        found = frozenset(name for inner in _world.walk_code(code) for name in inner.co_names)
        NAMES[code] = found
    return found


NAMES: dict[types.CodeType, frozenset[str]] = {}


def functions_of(member: Any) -> Iterable[Any]:
    """The plain functions in a class's entry: methods, static and class methods, properties, wrappers."""
    if isinstance(member, (staticmethod, classmethod)):
        return [member.__func__]
    if isinstance(member, property):
        return [part for part in (member.fget, member.fset, member.fdel) if part is not None]
    if isinstance(member, types.FunctionType) or hasattr(member, "__wrapped__"):
        return [member]
    function = getattr(member, "func", None)
    return [function] if isinstance(function, types.FunctionType) else []


def describe(path: str) -> Json:
    """The trailer of a snapshot: names, file, module, function, what is missing, how large its buffers are."""
    with open(path, "rb") as file:
        return read_trailer(file)


def read_trailer(file: Any) -> Json:
    file.seek(-16, io.SEEK_END)
    end = file.read(16)
    if end[8:] != MAGIC:
        raise ValueError("not a snapshot, or cut off")
    size = int.from_bytes(end[:8], "little")
    file.seek(-16 - size, io.SEEK_END)
    trailer: Json = json.loads(file.read(size))
    if trailer["version"] != VERSION:
        raise ValueError(f"a snapshot of version {trailer['version']}, this is {VERSION}")
    return trailer


def load(path: str, world: _world.World) -> Snapshot:
    """The values of a snapshot, in fresh memory. The world learns the modules that the snapshot's program had."""
    with open(path, "rb") as file:
        trailer = read_trailer(file)
        world.learn(trailer["project"], trailer["path"], trailer["package"])
        arrays = _buffers.Arrays(file, trailer)
        file.seek(0)
        unpickler = _pickling.SnapshotUnpickler(file, arrays, world)
        for _ in range(trailer["ahead"]):
            unpickler.load()
        order, random_state, numpy_state = unpickler.load()
        names = {name: unpickler.load() for name in order}
        found: dict[tuple[str, str], Any] = {}
        while (batch := unpickler.load()) is not None:
            found.update(batch)
    return Snapshot(trailer, names, found, random_state, numpy_state)
