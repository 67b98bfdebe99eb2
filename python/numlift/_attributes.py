"""Reads an object's attributes without making its `__dict__`.

CPython keeps the attributes of an ordinary object inside the object, and asking for `__dict__` once makes every later
access to them slower, up to three times: a program that was only looked at would run at another speed. So the
attributes are asked for by name. Which names there are is learnt from the code of the class's methods, from the
attributes that the program's text stores, and from objects seen before; that the answer is complete is known by
counting what the garbage collector sees in the object. Where it isn't, `__dict__` has to do.
"""

from __future__ import annotations

import gc
import inspect
import sys
import types
from collections.abc import Iterable, Iterator
from typing import Any

HEAP_TYPE = 1 << 9
ABSENT = object()

# Attribute names that the program's own text assigns to.
stored: set[str] = set()
known: dict[type, dict[str, None]] = {}
ordinary: dict[type, bool] = {}
own: dict[type, frozenset[str]] = {}


def attributes(value: Any) -> dict[str, Any]:
    """What `vars(value)` would give, as a new dictionary; empty where there is none."""
    kind = type(value)
    if is_ordinary(kind):
        found = by_name(value, kind)
        if found is not None:
            return found
    try:
        made = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return {}
    if not isinstance(made, dict):
        return {}
    known.setdefault(kind, {}).update(dict.fromkeys(name for name in made if isinstance(name, str)))
    return dict(made)


def by_name(value: Any, kind: type) -> dict[str, Any] | None:
    """The attributes in the order in which the object holds them, or None when that is not all of them."""
    inside = [held for held in gc.get_referents(value) if held is not kind]
    names = known.get(kind)
    if names is None:
        names = known[kind] = dict.fromkeys(candidates(kind))
    places = {id(held): place for place, held in enumerate(inside)}
    found: dict[str, Any] = {}
    for name in names:
        try:
            attribute = object.__getattribute__(value, name)
        except AttributeError:
            continue
        # The same object as the class's own attribute may be just that, unless the name is surely the object's.
        if id(attribute) in places and (getattr_static(kind, name) is not attribute or name in own_names(kind)):
            found[name] = attribute
    if len(found) != len(inside):
        return None
    if len(places) != len(inside) and sorted(map(id, found.values())) != sorted(map(id, inside)):
        return None
    return dict(sorted(found.items(), key=lambda item: places[id(item[1])]))


def own_names(kind: type) -> frozenset[str]:
    """Names that every instance has: declared ones, and those in `__init__`."""
    names = own.get(kind)
    if names is None:
        found: set[str] = set()
        for base in kind.__mro__:
            found.update(annotated(base))
            code = getattr(base.__dict__.get("__init__"), "__code__", None)
            if isinstance(code, types.CodeType):
                found.update(inner_names(code))
        names = own[kind] = frozenset(found)
    return names


def is_ordinary(kind: type) -> bool:
    """Made by `class` statements all the way up, with neither slots nor attribute access of its own."""
    answer = ordinary.get(kind)
    if answer is None:
        answer = all(
            base is object
            or (
                base.__flags__ & HEAP_TYPE
                and not base.__dict__.get("__slots__")
                and "__getattribute__" not in base.__dict__
            )
            for base in kind.__mro__
        )
        ordinary[kind] = answer = answer and kind.__dictoffset__ != 0
    return answer


def candidates(kind: type) -> Iterator[str]:
    """Names that instances may have as attributes; those of properties and the like are not asked for."""
    asked: set[str] = set()
    for name in (*code_names(kind), *sorted(stored)):
        inherited = getattr_static(kind, name)
        if name not in asked and not hasattr(type(inherited), "__get__"):
            asked.add(name)
            yield name


def code_names(kind: type) -> Iterator[str]:
    for base in kind.__mro__:
        for member in base.__dict__.values():
            code = getattr(member, "__code__", None)
            if isinstance(code, types.CodeType):
                yield from inner_names(code)
        yield from annotated(base)


def annotated(kind: type) -> Iterable[str]:
    """Names with annotations. From 3.14 on these are evaluated on demand, which may fail or be costly."""
    if sys.version_info >= (3, 14):
        import annotationlib

        try:
            return list(annotationlib.get_annotations(kind, format=annotationlib.Format.FORWARDREF))
        except Exception:
            return ()
    return list(inspect.get_annotations(kind))


def inner_names(code: types.CodeType) -> Iterable[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from inner_names(constant)


def getattr_static(kind: type, name: str) -> Any:
    for base in kind.__mro__:
        if name in base.__dict__:
            return base.__dict__[name]
    return ABSENT
