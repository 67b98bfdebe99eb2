"""How far a result is from the exact one, which mpmath knows."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

from mpmath import mp, mpf

# Enough for arguments up to 2**1023, which sines are asked of: mpmath reduces them itself.
mp.prec = 140

# Bits of a float and the exponent of the least normal one.
FORMATS = {"f64": (53, -1022), "f32": (24, -126)}


def power(x: Any, y: Any) -> Any:
    """Real powers only."""
    value = abs(x) ** y
    return -value if x < 0 and y % 2 == 1 else value


def cube_root(x: Any) -> Any:
    return mp.sign(x) * mp.cbrt(abs(x))


# Powers that have a function of their own.
EXPONENTS = {
    "pow_m5_2": -2.5,
    "pow_m2": -2.0,
    "pow_m3_2": -1.5,
    "pow_m1_2": -0.5,
    "pow_3_2": 1.5,
    "pow_5_2": 2.5,
    "pow_4": 4.0,
}

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": mp.exp,
    "exp2": lambda x: mpf(2) ** x,
    "expm1": mp.expm1,
    "log": mp.log,
    "log2": lambda x: mp.log(x, 2),
    "log10": mp.log10,
    "log1p": mp.log1p,
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": mp.tan,
    "asin": mp.asin,
    "acos": mp.acos,
    "atan": mp.atan,
    "atan2": mp.atan2,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "tanh": mp.tanh,
    "asinh": mp.asinh,
    "acosh": mp.acosh,
    "atanh": mp.atanh,
    "pow": power,
    "cbrt": cube_root,
    "hypot": mp.hypot,
    **{name: partial(power, y=mpf(exponent)) for name, exponent in EXPONENTS.items()},
}

# Where a function is real; elsewhere it is NaN or infinite, which is a matter of special values.
DOMAINS: dict[str, Callable[..., bool]] = {
    "log": lambda x: x > 0,
    "log2": lambda x: x > 0,
    "log10": lambda x: x > 0,
    "log1p": lambda x: x > -1,
    "asin": lambda x: abs(x) <= 1,
    "acos": lambda x: abs(x) <= 1,
    "acosh": lambda x: x >= 1,
    "atanh": lambda x: abs(x) < 1,
    "pow": lambda x, y: x > 0 or (x < 0 and y == math.floor(y)),
    **dict.fromkeys(EXPONENTS, lambda x: x > 0),
    "pow_m2": lambda x: x != 0,
    "pow_4": lambda _: True,
}

# What is too large or too small to be looked at further, by the argument: mpmath would compute with huge exponents.
FAR: dict[str, Callable[..., bool]] = {
    "exp": lambda x: abs(x) > 1e5,
    "exp2": lambda x: abs(x) > 1e5,
    "expm1": lambda x: abs(x) > 1e5,
    "sinh": lambda x: abs(x) > 1e5,
    "cosh": lambda x: abs(x) > 1e5,
    "tanh": lambda x: abs(x) > 1e5,
    "pow": lambda x, y: abs(y) > 1e25,
}


def is_defined(function: str, *arguments: float) -> bool:
    finite = all(math.isfinite(argument) for argument in arguments)
    return finite and DOMAINS.get(function, lambda *_: True)(*arguments)


def is_far(function: str, *arguments: float) -> bool:
    return FAR.get(function, lambda *_: False)(*arguments)


def exact(function: str, *arguments: float) -> Any:
    values = [mpf(argument) for argument in arguments]
    small = max(abs(value) for value in values) < mpf(2) ** -60
    if small and function in {"expm1", "log1p", "sinh", "tanh", "asinh", "atanh", "asin", "atan", "sin", "tan"}:
        # mpmath's own cancel there; what is left out is less than 2**-60 of it.
        return values[0] + (values[0] ** 2 * {"expm1": mpf("0.5"), "log1p": mpf("-0.5")}.get(function, mpf(0)))
    return FUNCTIONS[function](*values)


def ulps(got: float, wanted: Any, precision: str) -> float:
    """The distance in units in the last place of the exact result; infinity is what follows the largest float."""
    bits, least = FORMATS[precision]
    if math.isnan(got):
        return math.inf
    exponent = max(mp.frexp(wanted)[1] - 1, least) if wanted else least
    if exponent > 1 - least:
        return 0.0 if math.isinf(got) and (got > 0) == (wanted > 0) else math.inf
    value = math.copysign(1, got) * mpf(2) ** (2 - least) if math.isinf(got) else mpf(got)
    return float(abs(value - wanted) / mpf(2) ** (exponent - bits + 1))
