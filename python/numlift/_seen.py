"""Values as the protocol describes them: `Seen` in `numlift_region::protocol`.

`see` turns a value into JSON that says its type as far as a rewrite needs it, and never its contents:

    see([1.5, 2.5])      {"t": "list", "len": 2, "elem": {"t": "float"}, "regular": [2]}
    see(np.zeros((3, 4)))  {"t": "array", "dtype": "<f8", "shape": [3, 4], …}

`signature` is the cheap version of it: a hashable key that is equal for values of one type, whatever their sizes,
by which the watcher decides whether it has seen such live-ins before. Neither runs any code of the program: only
exact builtin types, NumPy's own and `__dict__`s are looked into.
"""

from __future__ import annotations

import linecache
import os
import sys
import types
from collections.abc import Iterable, Mapping
from typing import Any

from numlift import _attributes

Json = dict[str, Any]

MAX_DEPTH = 6
MAX_ATTRS = 200
# Of one name: a figure of a plotting library refers to thousands of objects.
MAX_NODES = 3000
I64 = range(-(2**63), 2**63)
HEAP_TYPE = 1 << 9
# Functions of this package stand for the library's that they replace while a program is watched (`time.time`).
OWN = os.path.dirname(os.path.abspath(__file__)) + os.sep


class Seer:
    """Numbers the base buffers that it meets, so that names which share memory can be told."""

    def __init__(self) -> None:
        self.bases: dict[int, int] = {}
        self.keep: list[Any] = []
        self.count = 0
        self.nodes = 0
        self.numpy = sys.modules.get("numpy")

    def base(self, array: Any) -> int:
        """The number of the buffer behind an array."""
        owner = base_of(array)
        known = self.bases.get(id(owner))
        if known is None:
            known = self.bases[id(owner)] = self.count
            self.keep.append(owner)
            self.count += 1
        return known

    def number(self, array: Any, number: int) -> None:
        """The buffer behind an array has this number already."""
        owner = base_of(array)
        self.bases[id(owner)] = number
        self.keep.append(owner)

    def see(self, value: Any, depth: int = 0, above: tuple[int, ...] = ()) -> Json:
        """The description of one value."""
        kind = type(value)
        plain = PLAIN.get(kind)
        if plain is not None:
            described: Json = plain(value)
            return described
        self.nodes += 1
        if depth == 0:
            self.nodes = 0
        if depth > MAX_DEPTH or self.nodes > MAX_NODES or id(value) in above:
            return {"t": "other", "class": class_name(kind)}
        within = (*above, id(value))
        if kind is list:
            elem = self.see_elements(value, depth, within)
            return {"t": "list", "len": len(value), "elem": elem, "regular": regular_shape(value)}
        if kind is tuple:
            if len(value) > MAX_ATTRS:
                return {"t": "other", "class": "tuple"}
            return {"t": "tuple", "items": [self.see(item, depth + 1, within) for item in value]}
        if kind is dict:
            keys = self.see_elements(list(value), depth, within)
            values = self.see_elements(list(value.values()), depth, within)
            return {"t": "dict", "len": len(value), "key": keys, "value": values}
        if kind is set or kind is frozenset:
            return {"t": "set", "len": len(value), "elem": self.see_elements(list(value), depth, within)}
        numpy = self.numpy
        if numpy is not None:
            found = self.see_numpy(value, kind, numpy)
            if found is not None:
                return found
        callable_kind = see_callable(value, kind)
        if callable_kind is not None:
            return callable_kind
        if has_plain_attributes(kind):
            attrs = readable_attributes(value)
            seen = {name: self.see(attr, depth + 1, within) for name, attr in sorted(attrs.items())[:MAX_ATTRS]}
            return {"t": "object", "class": class_name(kind), "attrs": seen}
        return {"t": "other", "class": class_name(kind)}

    def see_numpy(self, value: Any, kind: type, numpy: Any) -> Json | None:
        if kind is numpy.ndarray:
            return {
                "t": "array",
                "dtype": value.dtype.str,
                "shape": list(value.shape),
                "strides": list(value.strides),
                "writeable": bool(value.flags.writeable),
                "base": self.base(value),
            }
        if isinstance(value, numpy.generic):
            return {"t": "np", "dtype": value.dtype.str} if kind.__module__ == "numpy" else None
        if isinstance(value, numpy.dtype):
            return {"t": "dtype", "dtype": value.str}
        if isinstance(value, numpy.ndarray):
            return {"t": "object", "class": class_name(kind), "attrs": {}}
        random = sys.modules.get("numpy.random")
        if random is not None and isinstance(value, (random.Generator, random.RandomState)):
            legacy = isinstance(value, random.RandomState)
            bits = value._bit_generator if legacy else value.bit_generator
            return {"t": "generator", "bits": type(bits).__name__, "legacy": legacy}
        return None

    def see_elements(self, elements: list[Any], depth: int, within: tuple[int, ...]) -> Json | None:
        """One description for all elements, or None when they are of several kinds (or there are none)."""
        if not elements:
            return None
        kinds = set(map(type, elements))
        if len(kinds) > 1:
            return None
        kind = kinds.pop()
        if kind in CONSTANT_SEEN:
            return dict(CONSTANT_SEEN[kind])
        if kind is int or kind is bool:
            return self.see(elements[0], depth + 1, within)
        if kind is list:
            return self.see_sublists(elements, depth, within)
        numpy = self.numpy
        if numpy is not None and issubclass(kind, numpy.generic) and not issubclass(kind, numpy.flexible):
            return self.see(elements[0], depth + 1, within)
        # Values whose type has parts: the parts of a sample must agree, since all of them would take too long.
        sample = elements if len(elements) <= 2000 else elements[:: len(elements) // 1000]
        seen = self.see(sample[0], depth + 1, within)
        for element in sample[1:]:
            merged = merge(seen, self.see(element, depth + 1, within))
            if merged is None:
                return None
            seen = merged
        return seen

    def see_sublists(self, lists: list[list[Any]], depth: int, within: tuple[int, ...]) -> Json:
        """Lists of lists: the elements of all of them are looked at as one list."""
        if depth > MAX_DEPTH:
            return {"t": "other", "class": "list"}
        flat = [element for inner in lists for element in inner]
        shape = regular_shape(lists)
        inner_shape = shape[1:] if shape is not None else None
        elem = self.see_elements(flat, depth + 1, within)
        return {"t": "list", "len": len(lists[0]), "elem": elem, "regular": inner_shape}


def see(value: Any) -> Json:
    """The description of one value by itself."""
    return Seer().see(value)


def see_names(names: Mapping[str, Any], seer: Seer | None = None) -> dict[str, Json]:
    """Descriptions of several names, whose arrays' `base` numbers go together."""
    seer = seer or Seer()
    return {name: seer.see(names[name]) for name in sorted(names)}


CONSTANT_SEEN: dict[type, Json] = {
    type(None): {"t": "none"},
    float: {"t": "float"},
    complex: {"t": "complex"},
    str: {"t": "str"},
    slice: {"t": "slice"},
}

PLAIN: dict[type, Any] = {kind: (lambda value, json=json: dict(json)) for kind, json in CONSTANT_SEEN.items()}
PLAIN[bool] = lambda value: {"t": "bool", "value": value}
PLAIN[int] = lambda value: {"t": "int", "value": int_text(value)}
PLAIN[range] = lambda value: (
    {"t": "range", "start": value.start, "stop": value.stop, "step": value.step}
    if value.start in I64 and value.stop in I64 and value.step in I64
    else {"t": "other", "class": "range"}
)
PLAIN[types.ModuleType] = lambda value: {"t": "module", "name": getattr(value, "__name__", "")}


def int_text(value: int) -> str:
    """Decimal digits, also beyond the interpreter's limit for `str`."""
    try:
        return str(value)
    except ValueError:
        return hex(value)


def base_of(array: Any) -> Any:
    """The object that owns the memory of an array: the end of its chain of bases."""
    owner = array
    while getattr(owner, "base", None) is not None:
        owner = owner.base
    return owner.obj if isinstance(owner, memoryview) else owner


def regular_shape(value: list[Any]) -> list[int] | None:
    """The full shape of a list, or of a rectangular list of lists; None when it is ragged."""
    shape: list[int] = []
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        lengths = set(map(len, level))
        if len(lengths) != 1:
            return None
        shape.append(lengths.pop())
        level = level[0] if len(level) == 1 else [element for inner in level for element in inner]
        if not level:
            return shape
        kinds = set(map(type, level[:1]))
        if kinds != {list}:
            return shape if list not in set(map(type, level)) else None
        if set(map(type, level)) != {list}:
            return None
    return shape


def merge(one: Json, other: Json) -> Json | None:
    """One description for two values of one kind, sizes and values aside; None when their kinds differ."""
    kind = one["t"]
    if kind != other["t"]:
        return None
    if kind in ("np", "dtype", "generator", "other", "function", "class", "module"):
        return one if one == other else None
    if kind == "array":
        return one if (one["dtype"], len(one["shape"])) == (other["dtype"], len(other["shape"])) else None
    if kind == "tuple":
        if len(one["items"]) != len(other["items"]):
            return None
        items = [merge(*pair) for pair in zip(one["items"], other["items"])]
        return None if None in items else {"t": "tuple", "items": items}
    if kind == "list":
        return merge_list(one, other)
    if kind == "object":
        return merge_object(one, other)
    return one


def merge_list(one: Json, other: Json) -> Json | None:
    if one["len"] == 0 or other["len"] == 0:
        return one if one["len"] else other
    if one["elem"] is None or other["elem"] is None:
        return {**one, "elem": None, "regular": None}
    elem = merge(one["elem"], other["elem"])
    return {**one, "elem": elem, "regular": one["regular"] if one["regular"] == other["regular"] else None}


def merge_object(one: Json, other: Json) -> Json | None:
    if one["class"] != other["class"] or one["attrs"].keys() != other["attrs"].keys():
        return None
    attrs = {name: merge(seen, other["attrs"][name]) for name, seen in one["attrs"].items()}
    mixed = {"t": "other", "class": "several kinds"}
    return {**one, "attrs": {name: seen if seen is not None else mixed for name, seen in attrs.items()}}


def see_callable(value: Any, kind: type) -> Json | None:
    """Functions and classes: by the name under which a module knows them."""
    if kind is types.FunctionType:
        code = value.__code__
        if not is_file(code.co_filename) or code.co_filename.startswith(OWN):
            return {"t": "function", "name": full_name(value), "file": "", "line": 0}
        return {"t": "function", "name": full_name(value), "file": code.co_filename, "line": def_line(code)}
    if isinstance(value, type):
        return {"t": "class", "name": class_name(value)}
    if kind is types.BuiltinFunctionType:
        owner = value.__self__
        if owner is None or isinstance(owner, types.ModuleType):
            return {"t": "function", "name": full_name(value), "file": "", "line": 0}
        return see_bound_random(value, owner)
    if kind.__module__ == "numpy" and kind.__name__ in ("ufunc", "_ArrayFunctionDispatcher"):
        return {"t": "function", "name": numpy_name(value), "file": "", "line": 0}
    return None


def see_bound_random(value: Any, owner: Any) -> Json | None:
    """`np.random.rand` and the like, which are methods of a hidden instance."""
    for module_name in ("numpy.random", "random"):
        module = sys.modules.get(module_name)
        if module is not None and getattr(module, value.__name__, None) == value:
            return {"t": "function", "name": f"{module_name}.{value.__name__}", "file": "", "line": 0}
    return None


def numpy_name(value: Any) -> str:
    name = getattr(value, "__name__", "")
    module = getattr(value, "__module__", None) or "numpy"
    if getattr(sys.modules.get("numpy"), name, None) is value:
        return f"numpy.{name}"
    return f"{module}.{name}"


def full_name(function: Any) -> str:
    name = getattr(function, "__qualname__", function.__name__)
    return f"{function.__module__}.{name}" if function.__module__ else name


def class_name(kind: type) -> str:
    name = kind.__qualname__
    return name if kind.__module__ == "builtins" else f"{kind.__module__}.{name}"


def is_file(filename: str) -> bool:
    return bool(filename) and not filename.startswith("<")


def def_line(code: types.CodeType) -> int:
    """The line of `def`, where a code object starts at its first decorator."""
    first = code.co_firstlineno
    for line in range(first, first + 50):
        text = linecache.getline(code.co_filename, line).lstrip()
        if not text:
            break
        if text.startswith(("def ", "async def ")):
            return line
    return first


def has_plain_attributes(kind: type) -> bool:
    """Whether instances keep what they know in `__dict__` or in slots: a class made by a `class` statement."""
    if not kind.__flags__ & HEAP_TYPE or "__getattribute__" in kind.__dict__:
        return False
    if issubclass(kind, (type, types.ModuleType, BaseException)):
        return False
    return kind.__dictoffset__ != 0 or "__slots__" in kind.__dict__


def plain_attributes(value: Any) -> dict[str, Any]:
    """The attributes in `__dict__` and slots, without running properties."""
    found = _attributes.attributes(value)
    for name, member in slot_members(type(value)):
        try:
            found[name] = member.__get__(value)
        except AttributeError:
            continue
    return {name: attr for name, attr in found.items() if isinstance(name, str)}


def readable_attributes(value: Any) -> dict[str, Any]:
    """What `value.name` gives without running code: the object's own attributes and the data of its class.

    A property or another descriptor runs code, even where the object has an attribute of that name.
    """
    found: dict[str, Any] = {}
    for base in reversed(type(value).__mro__):
        for name, member in base.__dict__.items():
            found.pop(name, None)
            if not name.startswith("__") and not hasattr(type(member), "__get__"):
                found[name] = member
    for name, attr in plain_attributes(value).items():
        if not runs_code(type(value), name):
            found[name] = attr
    return found


def runs_code(kind: type, name: str) -> bool:
    """Whether the class has a descriptor that goes before what an object holds under that name."""
    member = next((base.__dict__[name] for base in kind.__mro__ if name in base.__dict__), None)
    return hasattr(type(member), "__set__") and type(member) is not types.MemberDescriptorType


def slot_members(kind: type) -> Iterable[tuple[str, Any]]:
    for base in kind.__mro__:
        for name, member in base.__dict__.items():
            if type(member) is types.MemberDescriptorType and not name.startswith("__"):
                yield name, member


def signature(names: Mapping[str, Any]) -> tuple[Any, ...]:
    """A hashable key of the kinds of several names: dtype, rank, flags, classes and sharing, but no sizes."""
    owners: dict[int, int] = {}
    return tuple((name, kind_key(names[name], owners, 0)) for name in sorted(names))


def kind_key(value: Any, owners: dict[int, int], depth: int) -> Any:
    kind = type(value)
    numpy = sys.modules.get("numpy")
    ndarray: Any = getattr(numpy, "ndarray", ())
    if isinstance(value, ndarray):
        flags = value.flags
        sharing = owners.setdefault(id(base_of(value)), len(owners))
        layout = (flags.c_contiguous, flags.f_contiguous, flags.writeable)
        return (kind, value.dtype.str, value.ndim, value.size == 0, layout, sharing)
    if kind is list or kind is tuple:
        if not value:
            return (kind, "empty")
        ends = (value[0], value[len(value) // 2], value[-1]) if kind is list else value[:8]
        return (kind, tuple(kind_key(end, owners, depth + 1) for end in ends)) if depth < 3 else kind
    if kind is dict:
        return (kind, bool(value))
    if isinstance(value, (types.FunctionType, type, types.ModuleType)):
        return (kind, id(value))
    if depth < 2 and has_plain_attributes(kind):
        attrs = plain_attributes(value)
        return (kind, tuple((name, kind_key(attrs[name], owners, depth + 1)) for name in sorted(attrs)[:40]))
    return kind
