"""How the values of a running program are pickled, so that they come back in a process that did not run it.

A subclass of pickle's own pickler, which stays fast on lists of numbers because only what pickle doesn't handle by
itself comes through `reducer_override`:

    arrays                   through `ArrayTable`, so that shared memory stays shared
    modules, functions, classes   by name, found again through `World`
    closures and lambdas     by their place in the source, with their cells
    objects                  as pickle does, their classes by name
    what can't be saved      a `Missing` that raises `NotSaved` when the program uses it

Functions, classes and modules of the project that were met are noted: their globals belong into the snapshot too.
"""

from __future__ import annotations

import copyreg
import io
import pickle
import random
import sys
import time
import types
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from numlift import _attributes, _buffers, _world

Reduced = tuple[Any, ...]
# Bound early: while a program is watched, reads through `time` are noted.
now = time.perf_counter


LONG_LIST = 500


class TooLarge(Exception):
    """The snapshot would be larger than allowed."""


class TooSlow(Exception):
    """Taking the snapshot takes longer than allowed."""


class NotSaved(BaseException):
    """The program used a value that could not be saved; not an `Exception`, since no program should handle it."""


class Missing:
    """Stands for a value that could not be saved; every use of it raises `NotSaved`."""

    __slots__ = ("_numlift_what",)

    def __init__(self, what: str) -> None:
        object.__setattr__(self, "_numlift_what", what)

    def __getattribute__(self, name: str) -> Any:
        if name == "__class__":
            return Missing
        raise NotSaved(object.__getattribute__(self, "_numlift_what"))

    def __setattr__(self, name: str, value: Any) -> None:
        raise NotSaved(object.__getattribute__(self, "_numlift_what"))

    def __reduce_ex__(self, protocol: Any) -> Any:
        return Missing, (object.__getattribute__(self, "_numlift_what"),)

    def __repr__(self, *arguments: Any) -> Any:
        raise NotSaved(object.__getattribute__(self, "_numlift_what"))

    __hash__ = object.__hash__


# Operators are looked up on the class, past `__getattribute__`.
OPERATORS = (
    "str call bool len iter next getitem setitem delitem contains enter exit format float int index array eq ne lt le "
    "gt ge add radd iadd sub rsub isub mul rmul imul truediv rtruediv itruediv floordiv mod pow rpow matmul rmatmul "
    "neg pos abs and or xor invert round reversed await"
).split()
for operator in OPERATORS:
    setattr(Missing, f"__{operator}__", Missing.__repr__)


class Sink:
    """Where the pickle goes: counts, and stops what becomes too large or too slow."""

    def __init__(self, write: Callable[[Any], Any], max_bytes: int, deadline: float) -> None:
        self.target = write
        self.bytes = 0
        self.max_bytes = max_bytes
        self.deadline = deadline

    def write(self, data: Any) -> int:
        size = len(data)
        self.bytes += size
        if self.bytes > self.max_bytes:
            raise TooLarge
        if now() > self.deadline:
            raise TooSlow
        self.target(data)
        return size


class ScalarList:
    """Stands for a list of NumPy scalars of one type while it is being saved."""

    def __init__(self, scalars: list[Any]) -> None:
        self.scalars = scalars


class SnapshotPickler(pickle.Pickler):
    """Saves values by the rules above; several `dump`s go into one stream and share what they share."""

    def __init__(self, sink: Sink) -> None:
        super().__init__(sink, protocol=5)
        self.sink = sink
        self.arrays = _buffers.ArrayTable()
        self.missing: list[tuple[Any, str]] = []
        self.functions: list[types.FunctionType] = []
        self.classes: list[type] = []
        self.modules: list[types.ModuleType] = []
        self.object_ranges: list[tuple[int, int]] = []
        self.met: set[int] = set()
        self.calls = 0
        self.by_type: dict[type, Callable[[Any], Any]] = {
            types.FunctionType: self.function,
            types.ModuleType: self.module,
            types.CellType: self.cell,
            types.MethodType: self.method,
            ScalarList: self.scalar_list,
        }
        numpy = sys.modules.get("numpy")
        self.ndarray: Any = getattr(numpy, "ndarray", None)
        if numpy is not None and self.ndarray is not None:
            self.by_type[numpy.ndarray] = self.array
            for scalar in (numpy.float64, numpy.int64, numpy.float32, numpy.bool_):
                self.by_type[scalar] = numpy_scalar
        numpy_random = sys.modules.get("numpy.random")
        self.shared = {id(sys.stdin): "stdin", id(sys.stdout): "stdout", id(sys.stderr): "stderr"}
        self.shared[id(getattr(random, "_inst", None))] = "random"
        self.shared[id(getattr(getattr(numpy_random, "mtrand", None), "_rand", None))] = "numpy.random"
        self.shared.pop(id(None), None)

    def dump_scalar_lists(self, values: Iterable[Any]) -> int:
        """Saves long lists of NumPy scalars as arrays, ahead of what holds them; returns how many.

        A million scalars would otherwise be taken apart one by one. The lists are put into the memo, so whatever
        refers to them later finds them there.
        """
        found: dict[int, list[Any]] = {}
        for value in values:
            find_scalar_lists(value, self.by_type, found, 0)
        for scalars in found.values():
            stand_in = ScalarList(scalars)
            self.dump(stand_in)
            memo: Any = self.memo.copy()
            place, _ = memo.pop(id(stand_in))
            memo[id(scalars)] = (place, scalars)
            self.memo = memo
        return len(found)

    def scalar_list(self, value: ScalarList) -> Reduced:
        scalars = value.scalars
        array = sys.modules["numpy"].array(scalars, dtype=scalars[0].dtype)
        return list_of, (self.arrays.add(array), array.dtype)

    def release(self) -> None:
        """Lets go of everything that was saved: who else holds a value matters to the program."""
        self.clear_memo()
        self.arrays.arrays.clear()
        self.by_type.clear()
        for found in (self.missing, self.functions, self.classes, self.modules):
            found.clear()

    def reducer_override(self, value: Any) -> Any:
        self.calls += 1
        if not self.calls & 1023:
            self.check_limits()
        kind = type(value)
        handler = self.by_type.get(kind)
        if handler is not None:
            return handler(value)
        shared = self.shared.get(id(value))
        if shared is not None:
            return shared_value, (shared,)
        if isinstance(value, type):
            return self.a_class(value)
        if kind is types.BuiltinFunctionType and isinstance(value.__self__, types.ModuleType):
            return NotImplemented
        if self.ndarray is not None and isinstance(value, self.ndarray):
            return self.array_subclass(value, kind)
        if hasattr(value, "__wrapped__") and found_by_name(value):
            self.reach(value)
            return by_name, (value.__module__, value.__qualname__)
        return self.anything(value, kind)

    def check_limits(self) -> None:
        if self.arrays.bytes > 64 * self.sink.max_bytes:
            raise TooLarge
        if now() > self.sink.deadline:
            raise TooSlow

    def anything(self, value: Any, kind: type) -> Any:
        """An object: as pickle would take it apart."""
        try:
            if _attributes.is_ordinary(kind) and has_plain_state(kind):
                state = _attributes.attributes(value)
                if hasattr(kind, "__setstate__"):
                    return new_object, (kind,), state or None
                return new_object, (kind,), state or None, None, None, set_plainly
            reduce = copyreg.dispatch_table.get(kind)
            return reduce(value) if reduce is not None else value.__reduce_ex__(5)
        except Exception as error:
            return self.gone(value, what_it_is(value, error))

    def gone(self, value: Any, what: str) -> Reduced:
        self.missing.append((value, what))
        return Missing, (what,)

    def module(self, value: types.ModuleType) -> Reduced:
        if id(value) not in self.met:
            self.met.add(id(value))
            if is_project_module(value):
                self.modules.append(value)
        return a_module, (value.__name__,)

    def function(self, value: types.FunctionType) -> Any:
        self.reach(value)
        code = value.__code__
        project = _world.is_project_file(code.co_filename)
        if found_by_name(value):
            return (by_name, (value.__module__, value.__qualname__)) if is_known_module(value) else NotImplemented
        if not project:
            return self.gone(value, f"the function `{value.__qualname__}` made inside another one")
        place = (code.co_filename, code.co_qualname, code.co_firstlineno, _world.body_column(code))
        owner = value.__globals__.get("__name__", "__main__")
        state = (value.__name__, value.__qualname__, value.__defaults__, value.__kwdefaults__, value.__dict__ or None)
        cells = value.__closure__ or ()
        return function_at, (*place, owner, cells), state, None, None, set_function

    def method(self, value: types.MethodType) -> Any:
        self.reach(value.__func__)
        return self.anything(value, types.MethodType)

    def cell(self, value: types.CellType) -> Reduced:
        try:
            contents = (value.cell_contents,)
        except ValueError:
            contents = ()  # type: ignore[assignment]
        return new_cell, (), contents, None, None, set_cell

    def a_class(self, value: type) -> Any:
        if value in PICKLE_KNOWS:
            return NotImplemented
        if not found_by_name(value):
            return self.gone(value, f"the class `{value.__qualname__}` made inside a function")
        if not is_known_module(value):
            return NotImplemented
        if id(value) not in self.met:
            self.met.add(id(value))
            self.classes.append(value)
        state = class_state(value)
        if not state:
            return by_name, (value.__module__, value.__qualname__)
        return by_name, (value.__module__, value.__qualname__), state, None, None, set_class

    def array(self, value: Any) -> Any:
        if value.dtype.hasobject:
            self.object_ranges.append(_buffers.byte_range(value))
            return NotImplemented
        number = self.arrays.add(value)
        return array_of, (number, value.dtype)

    def array_subclass(self, value: Any, kind: type) -> Any:
        if kind.__reduce__ is not self.ndarray.__reduce__ or value.dtype.hasobject:
            self.object_ranges.append(_buffers.byte_range(value))
            return self.anything(value, kind)
        state = getattr(value, "__dict__", None)
        if kind.__module__.startswith("numpy"):
            state = None
        plain = value.view(self.ndarray)
        return view_as, (plain, kind), state or None, None, None, set_attributes

    def reach(self, value: Any) -> None:
        """Notes a function of the project, and those which it wraps."""
        while value is not None and id(value) not in self.met:
            self.met.add(id(value))
            if isinstance(value, types.FunctionType) and _world.is_project_file(value.__code__.co_filename):
                self.functions.append(value)
            value = getattr(value, "__wrapped__", None)

    def overlapping_objects(self) -> bool:
        """Whether two arrays that can't be saved as shared memory share memory."""
        ranges = [(low, high, True) for low, high in self.object_ranges]
        ranges += [(low, high, False) for low, high in self.arrays.ranges]
        reach, opaque = 0, False
        for low, high, is_opaque in sorted(ranges):
            if low < reach and (opaque or is_opaque):
                return True
            if high > reach:
                reach, opaque = high, is_opaque
        return False


class SnapshotUnpickler(pickle.Unpickler):
    """Loads what `SnapshotPickler` saved, into a `World`."""

    def __init__(self, file: Any, arrays: _buffers.Arrays, world: _world.World) -> None:
        super().__init__(file)
        self.world = world
        self.internal: dict[str, Any] = {
            "array_of": arrays.array,
            "list_of": lambda number, dtype: list(arrays.array(number, dtype)),
            "by_name": world.resolve,
            "a_module": world.module,
            "function_at": self.function_at,
        }

    def find_class(self, module: str, name: str) -> Any:
        if module == __name__:
            return self.internal.get(name) or globals()[name]
        if module in self.world.project:
            return self.world.resolve(module, name)
        return super().find_class(module, name)

    def function_at(self, file: str, qualname: str, line: int, column: int, owner: str, cells: Any) -> Any:
        code = self.world.code(file, qualname, line, column)
        return types.FunctionType(code, self.world.namespace(owner), code.co_name, None, cells)


def find_scalar_lists(value: Any, kinds: Mapping[type, Any], found: dict[int, list[Any]], depth: int) -> None:
    """Long lists of one kind of NumPy scalar, in a value, its elements or attributes."""
    if type(value) is list:
        if not value or id(value) in found:
            return
        first = type(value[0])
        if len(value) >= LONG_LIST and kinds.get(first) is numpy_scalar and set(map(type, value)) == {first}:
            found[id(value)] = value
        elif first is list and depth < 2:
            for inner in value:
                find_scalar_lists(inner, kinds, found, depth + 1)
    elif depth < 1 and _attributes.is_ordinary(type(value)):
        for inner in _attributes.attributes(value).values():
            find_scalar_lists(inner, kinds, found, depth + 1)


# What pickle's own protocol calls; it writes a shorter code for this very function.
new_object: Any = getattr(copyreg, "__newobj__")  # noqa: B009
PLAINLY = ("__reduce_ex__", "__reduce__", "__getstate__", "__new__")


def has_plain_state(kind: type) -> bool:
    """Whether pickle would save the attributes and nothing else."""
    return (
        all(getattr(kind, name) is getattr(object, name) for name in PLAINLY)
        and not hasattr(kind, "__getnewargs__")
        and not hasattr(kind, "__getnewargs_ex__")
        and kind not in copyreg.dispatch_table
    )


def numpy_scalar(value: Any) -> Reduced:
    return type(value), (value.item(),)


def what_it_is(value: Any, error: Exception) -> str:
    """In words, for the report."""
    kind = type(value)
    if isinstance(value, io.IOBase):
        return "an open file"
    words = {
        "generator": "a generator",
        "coroutine": "a coroutine",
        "async_generator": "a generator",
        "lock": "a lock",
        "RLock": "a lock",
        "socket": "a socket",
        "Connection": "a connection",
        "frame": "a stack frame",
        "memoryview": "a memoryview",
        "mmap": "a mapped file",
    }
    return words.get(kind.__name__) or f"an object of class `{kind.__qualname__}` ({type(error).__name__}: {error})"


def is_project_module(module: types.ModuleType) -> bool:
    file = getattr(module, "__file__", None)
    return isinstance(file, str) and _world.is_project_file(file)


def is_known_module(value: Any) -> bool:
    """Whether a function or class belongs to a module of the project."""
    module = sys.modules.get(value.__module__)
    return module is not None and is_project_module(module)


def found_by_name(value: Any) -> bool:
    """Whether its module and qualified name lead back to this very object."""
    found: Any = sys.modules.get(getattr(value, "__module__", None) or "")
    for part in getattr(value, "__qualname__", "<").split("."):
        found = getattr(found, part, None)
    return found is value


PICKLE_KNOWS = frozenset({type(None), type(...), type(NotImplemented)})
PLAIN_STATE = (bool, int, float, complex, str, bytes, list, dict, set, tuple, type(None))


def class_state(kind: type) -> dict[str, Any]:
    """Class attributes that hold data: counters, caches, tables."""
    if "_member_map_" in kind.__dict__:
        return {}
    ndarray = getattr(sys.modules.get("numpy"), "ndarray", ())
    return {
        name: value
        for name, value in kind.__dict__.items()
        if not name.startswith("__") and (type(value) in PLAIN_STATE or isinstance(value, ndarray))
    }


# What a snapshot's pickle calls on loading. The first five are replaced by methods of the unpickler.


def array_of(number: int, dtype: Any) -> Any:
    raise NotImplementedError


def list_of(number: int, dtype: Any) -> list[Any]:
    raise NotImplementedError


def by_name(module: str, qualname: str) -> Any:
    raise NotImplementedError


def a_module(name: str) -> Any:
    raise NotImplementedError


def function_at(file: str, qualname: str, line: int, column: int, owner: str, cells: Any) -> Any:
    raise NotImplementedError


def set_function(function: types.FunctionType, state: Any) -> None:
    name, qualname, defaults, kwdefaults, attributes = state
    function.__name__, function.__qualname__ = name, qualname
    function.__defaults__, function.__kwdefaults__ = defaults, kwdefaults
    if attributes:
        function.__dict__.update(attributes)


def new_cell() -> types.CellType:
    return types.CellType()


def set_cell(cell: types.CellType, contents: tuple[Any, ...]) -> None:
    if contents:
        cell.cell_contents = contents[0]


def set_class(kind: type, state: dict[str, Any]) -> None:
    for name, value in state.items():
        try:
            setattr(kind, name, value)
        except (AttributeError, TypeError):
            continue


def set_attributes(value: Any, state: dict[str, Any]) -> None:
    value.__dict__.update(state)


def set_plainly(value: Any, state: dict[str, Any]) -> None:
    """One attribute after the other: an object that was asked for its `__dict__` is slower ever after."""
    for name, attribute in state.items():
        object.__setattr__(value, name, attribute)


def view_as(plain: Any, kind: type) -> Any:
    return plain.view(kind)


def shared_value(name: str) -> Any:
    """Streams and global generators: this process's own."""
    if name == "random":
        return random._inst
    if name == "numpy.random":
        import numpy.random

        return numpy.random.mtrand._rand
    return getattr(sys, name)
