"""`numlift.jit`: functions that become machine code at their first call.

    @numlift.jit
    def total(x):
        s = 0.0
        for v in x:
            s += v
        return s

The function means what it meant. It is compiled for the types of the arguments that it is called with; what has no
machine code runs in Python, which is reported once and told by `total.explain()`.

A program that should also run where numlift is not installed begins with one line:

    try: from numlift import jit
    except ImportError: jit = lambda f=None, **_: f or (lambda f: f)

What would be slower than Python is not compiled, as far as that can be known beforehand; with `NUMLIFT_COMPILE=always`
in the environment it is.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Literal, TypeVar, overload

F = TypeVar("F", bound=Callable[..., Any])

_CHOICES: dict[str, tuple[object, ...]] = {
    "parallel": ("auto", True, False),
    "fastmath": (False, True),
    "math": ("numlift", "numpy"),
    "strict": (False, True),
    "cache": (True, False),
}


@overload
def jit(function: F, /) -> F: ...


@overload
def jit(
    function: None = None,
    /,
    *,
    parallel: Literal["auto"] | bool = "auto",
    fastmath: bool = False,
    math: Literal["numlift", "numpy"] = "numlift",
    strict: bool = False,
    cache: bool = True,
) -> Callable[[F], F]: ...


@overload
def jit(
    function: F,
    /,
    *,
    parallel: Literal["auto"] | bool = "auto",
    fastmath: bool = False,
    math: Literal["numlift", "numpy"] = "numlift",
    strict: bool = False,
    cache: bool = True,
) -> F: ...


def jit(function: Any = None, /, **options: Any) -> Any:
    """Compile a function for the types that it is called with.

    parallel    run loops on all cores: "auto" where the work repays it, True, or False
    fastmath    let floats be added in another order, and products be given to BLAS
    math        whose exp, sin and so on: "numlift" (vectorized, the bounds are announced) or "numpy"
    strict      raise where something would run in Python, instead of reporting it
    cache       keep the machine code on disk, for the next process
    """
    _check(options)
    if function is None:
        return lambda function: _kernel(function, options)
    return _kernel(function, options)


def _check(options: dict[str, Any]) -> None:
    for name, value in options.items():
        known = _CHOICES.get(name)
        if known is None:
            raise TypeError(f"jit() has no option `{name}`; it has {', '.join(_CHOICES)}")
        if not any(value is one or (isinstance(one, str) and value == one) for one in known):
            raise ValueError(f"`{name}` is one of {', '.join(map(repr, known))}, not {value!r}")


def _kernel(function: Any, options: dict[str, Any]) -> Any:
    from numlift import _native

    if isinstance(function, classmethod | staticmethod):
        return type(function)(_kernel(function.__func__, options))
    if isinstance(function, _native.Kernel):
        return _native.jit(function.py_func, {**function.options, **options})
    if not callable(function):
        raise TypeError(f"jit() takes a function and options by name, not {type(function).__name__}")
    if os.environ.get("NUMLIFT_COMPILE") == "always":
        options = {"always": True, **options}
    return _native.jit(function, dict(options))
