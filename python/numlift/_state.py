"""What of a program's modules outlives a run of one region, and how it is put back.

The next run must find what the one before found. A snapshot holds the globals that called functions read; this holds
the rest: which names are bound in a module, attributes of classes, mutable defaults of functions, and mutable globals
that no snapshot has. All but the first take part in a run as if they were arguments, under names like

    physics::Particle.count        physics::smooth.__defaults__        physics::seen_so_far
"""

from __future__ import annotations

import copy
import enum
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from numlift import _outline, _pickling, _snapshot, _world

IMMUTABLE = (int, float, complex, str, bytes, type(None), range, np.generic)
DEFAULTS = ("__defaults__", "__kwdefaults__")


class Modules:
    """The modules of a program as they are before anything runs."""

    def __init__(self, world: _world.World, identifiers: Callable[[], set[str]]) -> None:
        self.world = world
        # The names that the texts of the region use.
        self.identifiers = identifiers
        self.before: dict[str, dict[str, Any]] = {}
        # Attributes by name as above: owner, attribute, what it holds before anything runs.
        self.attributes: dict[str, tuple[Any, str, Any]] = {}
        self.globals: dict[str, Any] = {}

    def remember(self, module: str) -> None:
        """How a module is now, before anything runs."""
        if module in self.before:
            return
        self.before[module] = namespace = dict(self.world.namespace(module))
        used = self.identifiers()
        for name, value in namespace.items():
            for owner, attribute, held in self.held(module, f"{module}::{name}", value, used):
                self.attributes[f"{owner}.{attribute}"] = (owner_of(namespace, owner), attribute, held)
        for name, value in namespace.items():
            if name in used and not name.startswith("__") and is_mutable(value) and can_copy(value):
                self.globals[f"{module}::{name}"] = value

    def held(self, module: str, path: str, value: Any, used: set[str]) -> Iterator[tuple[str, str, Any]]:
        """What a function or class of a module holds; adds the names that their code uses."""
        if isinstance(value, types.FunctionType) and value.__module__ == module:
            used |= _snapshot.code_names(value.__code__)
            for attribute in DEFAULTS:
                default = getattr(value, attribute)
                if default and any(is_mutable(part) for part in parts(default)) and can_copy(default):
                    yield path, attribute, default
        elif isinstance(value, type) and value.__module__ == module and not issubclass(value, enum.Enum):
            for name, member in list(vars(value).items()):
                for function in _snapshot.functions_of(member):
                    used |= _snapshot.code_names(function.__code__)
                if isinstance(member, types.FunctionType):
                    yield from self.held(module, f"{path}.{name}", member, used)
                elif is_class_data(name, member) and can_copy(member):
                    yield path, name, member

    def live(self, taken: Iterable[str]) -> dict[str, Any]:
        """Fresh copies of all that is held, but for globals that a snapshot has."""
        known = set(taken)
        found = {name: value for name, value in self.globals.items() if name not in known}
        found.update({name: value for name, (_, _, value) in self.attributes.items()})
        made: dict[str, Any] = copy.deepcopy(found)
        return made

    def install(self, name: str, value: Any) -> None:
        """Puts one of them, or a global, in its place."""
        if name in self.attributes:
            setattr(*self.attributes[name][:2], value)
        else:
            module, _, inner = name.partition("::")
            self.world.namespace(module)[inner] = value

    def now(self, name: str) -> tuple[Any, ...]:
        """What it is now, in a tuple of one; of none when it is gone."""
        if name in self.attributes:
            owner, attribute, _ = self.attributes[name]
            return (getattr(owner, attribute),) if hasattr(owner, attribute) else ()
        module, _, inner = name.partition("::")
        namespace = self.world.namespace(module)
        return (namespace[inner],) if inner in namespace else ()

    def bindings(self) -> dict[str, dict[str, Any]]:
        """The namespaces as they are, to see later what was bound."""
        return {module: dict(self.world.namespace(module)) for module in self.before}

    def restore(self) -> None:
        """Everything as it was."""
        for module, before in self.before.items():
            namespace = self.world.namespace(module)
            namespace.clear()
            namespace.update(before)
        for owner, attribute, value in self.attributes.values():
            if getattr(owner, attribute, self) is not value:
                setattr(owner, attribute, value)


def owner_of(namespace: dict[str, Any], path: str) -> Any:
    """`physics::Particle.move` in the namespace of `physics`."""
    first, *rest = path.partition("::")[2].split(".")
    owner = namespace[first]
    for name in rest:
        owner = vars(owner)[name]
    return owner


def is_data(value: Any) -> bool:
    """Whether a global holds something that a region may change, or that inputs may vary."""
    code = (types.ModuleType, type, types.FunctionType, types.BuiltinFunctionType, np.ufunc)
    return not isinstance(value, (*code, np.dtype, _pickling.Missing, _outline.Hook))


def is_mutable(value: Any) -> bool:
    return is_data(value) and not isinstance(value, IMMUTABLE)


def is_class_data(name: str, value: Any) -> bool:
    """Whether an entry of a class is neither a method nor a descriptor."""
    described = hasattr(type(value), "__get__") or hasattr(type(value), "__set__")
    return not name.startswith("__") and not described and is_data(value)


def parts(defaults: Any) -> Iterable[Any]:
    return defaults.values() if isinstance(defaults, dict) else defaults


def can_copy(value: Any) -> bool:
    try:
        copy.deepcopy(value)
    except Exception:
        return False
    return True
