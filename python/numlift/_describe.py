"""What the native module asks about values that are neither containers, numbers nor arrays.

`describe` takes a value apart so far as that is safe; `rebuild` is the way back, in fresh memory:

    a module, class, function, ufunc, dtype     named: passed on as it is, compared by what it is called
    an instance with plain attributes           its class and its attributes
    a bound method, a closure                   the function, with what it is bound to as attributes
    a random generator                          its state
    anything else                               opaque: a copy, compared by its pickle
"""

from __future__ import annotations

import copy
import copyreg
import pickle
import random
import types
from typing import Any

import numpy as np

from numlift import _pickling

Description = tuple[Any, ...]
PLAIN = (object, types.SimpleNamespace)
# What a class defines when an instance is more than its attributes.
OWN_STATE = tuple(
    "__reduce__ __reduce_ex__ __getstate__ __setstate__ __getnewargs__ __getnewargs_ex__ __copy__ __deepcopy__".split()
)
HEAP_TYPE = 1 << 9


def describe(value: Any) -> Description:
    """Kind, text, and what the kind needs."""
    kind = type(value)
    if kind is _pickling.Missing:
        return "opaque", "a value that could not be saved", None
    if isinstance(value, types.ModuleType):
        return "named", f"module {value.__name__}"
    if isinstance(value, type):
        return "named", f"class {value.__module__}.{value.__qualname__}"
    if isinstance(value, np.dtype):
        return "named", f"dtype {value!r}"
    if isinstance(value, np.ufunc):
        return "named", f"ufunc {value.__name__}"
    if isinstance(value, types.FunctionType):
        return describe_function(value)
    if isinstance(value, (types.MethodType, types.BuiltinMethodType)):
        return describe_method(value)
    if isinstance(value, (types.MethodWrapperType, types.WrapperDescriptorType, types.MethodDescriptorType)):
        return "named", f"function {value.__qualname__}"
    if value is Ellipsis or value is NotImplemented:
        return "named", repr(value)
    if isinstance(value, (np.random.Generator, np.random.RandomState, random.Random)):
        return describe_generator(value)
    if isinstance(value, tuple) and hasattr(kind, "_fields"):
        return "tuple", class_text(kind)
    if is_plain_instance(value):
        return "instance", class_text(kind), kind, attributes(value)
    return "opaque", class_text(kind), digest(value)


def describe_function(value: types.FunctionType) -> Description:
    code = value.__code__
    constants = [constant for constant in code.co_consts if not isinstance(constant, types.CodeType)]
    text = f"function {value.__module__}.{value.__qualname__} {hash((code.co_code, code.co_names, repr(constants)))}"
    if not value.__closure__:
        return "named", text
    cells = {}
    for name, cell in zip(code.co_freevars, value.__closure__):
        try:
            cells[name] = cell.cell_contents
        except ValueError:
            continue
    return "instance", text, value, cells


def describe_method(value: Any) -> Description:
    owner = value.__self__
    if owner is None or isinstance(owner, (types.ModuleType, type)):
        return "named", f"function {value.__module__}.{value.__qualname__}"
    return "instance", f"method {value.__name__}", value, {"__self__": owner}


def describe_generator(value: Any) -> Description:
    if isinstance(value, np.random.Generator):
        return "generator", f"Generator({type(value.bit_generator).__name__})", value, value.bit_generator.state
    if isinstance(value, np.random.RandomState):
        return "generator", "RandomState", value, value.get_state(legacy=False)
    return "generator", class_text(type(value)), value, value.getstate()


def class_text(kind: type) -> str:
    module = kind.__module__
    return kind.__qualname__ if module in ("builtins", "__main__") else f"{module}.{kind.__qualname__}"


def is_plain_instance(value: Any) -> bool:
    """Whether its attributes are all of its state, and may be set without its class's own code."""
    kind = type(value)
    for base in kind.__mro__:
        if base not in PLAIN and not base.__flags__ & HEAP_TYPE:
            return False
    own = (
        "__reduce__",
        "__reduce_ex__",
        "__getstate__",
        "__setstate__",
        "__getnewargs__",
        "__getnewargs_ex__",
        "__copy__",
    )
    default = all(getattr(kind, name, None) is getattr(object, name, None) for name in own)
    return default


def attributes(value: Any) -> dict[str, Any]:
    found = dict(getattr(value, "__dict__", {}))
    for name in copyreg._slotnames(type(value)):  # type: ignore[attr-defined]
        try:
            found[name] = object.__getattribute__(value, name)
        except AttributeError:
            continue
    return found


def digest(value: Any) -> bytes | None:
    """Bytes that are equal when the state is."""
    try:
        return pickle.dumps(value, protocol=5)
    except Exception:
        return None


def rebuild(kind: str, maker: Any, state: Any) -> Any:
    """The way back from a description."""
    match kind:
        case "empty":
            return maker.__new__(maker) if issubclass(maker, types.SimpleNamespace) else object.__new__(maker)
        case "instance":
            return rebuild_instance(maker, state)
        case "generator":
            return rebuild_generator(maker, state)
        case _:
            return maker if isinstance(maker, _pickling.Missing) else copy.deepcopy(maker)


def rebuild_instance(target: Any, state: dict[str, Any]) -> Any:
    if isinstance(target, types.MethodType):
        return types.MethodType(target.__func__, state["__self__"])
    if isinstance(target, types.BuiltinMethodType):
        return getattr(state["__self__"], target.__name__)
    if isinstance(target, types.FunctionType):
        names = target.__code__.co_freevars
        cells = tuple(types.CellType(state[name]) if name in state else types.CellType() for name in names)
        made = types.FunctionType(target.__code__, target.__globals__, target.__name__, target.__defaults__, cells)
        made.__kwdefaults__ = target.__kwdefaults__
        made.__qualname__ = target.__qualname__
        return made
    plain = getattr(target, "__dict__", None)
    for name, value in state.items():
        if plain is not None and name not in copyreg._slotnames(type(target)):  # type: ignore[attr-defined]
            plain[name] = value
        else:
            object.__setattr__(target, name, value)
    return target


def rebuild_generator(original: Any, state: Any) -> Any:
    if isinstance(original, np.random.Generator):
        bits = type(original.bit_generator)()
        bits.state = state
        return np.random.Generator(bits)
    if isinstance(original, np.random.RandomState):
        made = np.random.RandomState()
        made.set_state(state)
        return made
    again = type(original)()
    again.setstate(state)
    return again
