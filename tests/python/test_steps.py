"""What `numlift_ir` promises of steps from scalars to arrays, held against NumPy on hostile values.

A line of the dump says: this function, of scalars of these types, is that ufunc of arrays of those, bit for bit or up
to so many ulp, for all operands that meet the needs. Every line is tried, on all combinations of the hostile values
that meet them, for the values, the dtype, the exceptions and the floating-point warnings (underflow aside, which NumPy
ignores by default). It takes some twenty seconds because it runs every scalar function on every pair of types.
"""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from ir_tables import Tables, apply, load, values

EVENTS = {"divide by zero": "divide", "overflow": "over", "invalid value": "invalid"}
PYTHON = {"bool": "?", "int": "q", "float": "d", "complex": "D"}
SECOND = {"int": 2, "float": 0.5}


@pytest.fixture(scope="module")
def tables() -> Tables:
    return load()


@contextmanager
def events() -> Iterator[set[str]]:
    """The floating-point events inside the block."""
    seen: set[str] = set()

    def notice(text: str, _: int) -> None:
        seen.add(EVENTS[text])

    with warnings.catch_warnings(), np.errstate(all="call", under="ignore", call=notice):
        warnings.simplefilter("ignore")
        yield seen


@dataclass
class Case:
    """One scalar computation."""

    operands: tuple[Any, ...]
    result: Any
    raised: type[Exception] | None
    events: frozenset[str]


def run(found: Iterable[tuple[Any, ...]], compute: Callable[..., Any]) -> list[Case]:
    """Computes with each of the operands."""
    done = []
    with events() as seen:
        for operands in found:
            seen.clear()
            result, raised = None, None
            try:
                result = compute(*operands)
            except (ArithmeticError, ValueError) as error:
                raised = type(error)
            done.append(Case(operands, result, raised, frozenset(seen)))
    return done


def combinations(name: str, types: list[str]) -> Iterator[tuple[Any, ...]]:
    """Every combination of hostile values, without the powers and shifts that Python would compute for years."""
    for operands in itertools.product(*(in_int64(ty) for ty in types)):
        if name not in {"shl", "pow"} or not isinstance(operands[1], int) or abs(operands[1]) <= 1000:
            yield operands


def in_int64(ty: str) -> list[Any]:
    """Python's ints within int64, where an array can hold them."""
    return [x for x in values(ty, few=True) if not isinstance(x, int) or -(2**63) <= x < 2**63]


def is_nan(value: Any) -> bool:
    return bool(np.isnan(value))


def integer(value: Any) -> int:
    return int(value.item() if isinstance(value, np.generic) else value)


def meets(need: str, name: str, case: Case, alone: Callable[[], tuple[Any, set[str]]]) -> bool:
    """Whether the operands meet a need; `alone` computes the array form of them."""
    word, *arguments = need.split()
    if word == "int_fits":
        result = exact_integer(name, case)
        limits = np.iinfo(integer_dtype(case.operands))
        return result is not None and limits.min <= result <= limits.max
    if word == "result_fits":
        return abs(float(case.operands[0])) < 2.0**63
    if word == "quiet":
        return not alone()[1] and not case.events
    if word == "finite_result":
        return bool(np.isfinite(alone()[0])) or not all(map(np.isfinite, case.operands))
    if word == "no_zero_tie":
        a, b = case.operands
        return not (a == 0 and b == 0 and np.signbit(float(a)) != np.signbit(float(b)))
    operand = case.operands[int(arguments[0])]
    bounds = [float(bound) for bound in arguments[1:]]
    match word:
        case "non_zero":
            return bool(operand != 0)
        case "at_least":
            return bool(is_nan(operand) or operand >= bounds[0])
        case "above":
            return bool(is_nan(operand) or operand > bounds[0])
        case "within":
            return bool(is_nan(operand) or bounds[0] <= operand <= bounds[1])
        case "inside":
            return bool(is_nan(operand) or bounds[0] < operand < bounds[1])
        case "not_nan":
            return not is_nan(operand)
        case "not_infinite":
            return not np.isinf(operand)
        case "finite":
            return bool(np.isfinite(operand))
        case "not_negative_zero":
            return not (operand == 0 and math.copysign(1, operand) < 0)
        case "exact_in_float":
            return abs(integer(operand)) <= 2**53
    raise AssertionError(f"no such need: {need}")


def integer_dtype(operands: tuple[Any, ...]) -> np.dtype[Any]:
    """The dtype in which NumPy computes with these integers."""
    dtype = np.result_type(*operands)
    return np.dtype("int8") if dtype == np.bool_ else dtype


def exact_integer(name: str, case: Case) -> int | None:
    """What Python's unbounded integers give."""
    numbers = [integer(operand) for operand in case.operands]
    if name in {"pow", "shl"} and numbers[1] > 100:
        return None if abs(numbers[0]) > 1 else numbers[0]
    try:
        return integer(apply(load_once(), name, "math" if name in {"gcd", "lcm"} else "py", tuple(numbers)))
    except (ArithmeticError, ValueError):
        return None


_loaded: list[Tables] = []


def load_once() -> Tables:
    if not _loaded:
        _loaded.append(load())
    return _loaded[0]


def array(operands: list[Any], dtype: str, layout: str) -> np.ndarray[Any, Any]:
    """An array of that stride class."""
    repeated = np.array(operands * 3, dtype=dtype)
    match layout:
        case "contiguous":
            return repeated
        case "strided":
            wide = np.empty(3 * len(repeated), dtype)
            wide[::3] = repeated
            return wide[::3]
        case _:
            return repeated[::-1].copy()[::-1]


def dtype_of(ty: str) -> str:
    return PYTHON.get(ty, ty.removeprefix("np."))


def differences(given: np.ndarray[Any, Any], wanted: list[Any], ulp: int) -> np.ndarray[Any, Any]:
    """Where the array is not what the scalars are."""
    if given.dtype.kind == "c" and ulp:
        return complex_differences(given, np.array(wanted, dtype=given.dtype), ulp)
    if given.dtype.kind == "c":
        parts = [(given.real, [w.real for w in wanted]), (given.imag, [w.imag for w in wanted])]
        return np.logical_or(*(differences(a, b, ulp) for a, b in parts))
    if given.dtype.kind != "f":
        return np.array([a != b for a, b in zip(given.tolist(), wanted, strict=True)])
    expected = np.array(wanted, dtype=given.dtype)
    with np.errstate(all="ignore"):
        same = (given == expected) & ((np.signbit(given) == np.signbit(expected)) | (ulp > 0))
        same |= np.isnan(given) & np.isnan(expected)
        if ulp:
            distance = np.abs(given.astype(np.longdouble) - expected.astype(np.longdouble))
            same |= distance <= ulp * np.spacing(np.maximum(np.abs(given), np.abs(expected)))
    return ~same


def complex_differences(given: np.ndarray[Any, Any], expected: np.ndarray[Any, Any], ulp: int) -> np.ndarray[Any, Any]:
    """Complex numbers round in units of the absolute value."""
    with np.errstate(all="ignore"):
        distance = np.abs(given.astype(np.clongdouble) - expected.astype(np.clongdouble))
        near = distance <= ulp * np.spacing(np.maximum(np.abs(given), np.abs(expected)))
        parts = [(given.real, expected.real), (given.imag, expected.imag)]
        same = [(a == b) | (np.isnan(a) & np.isnan(b)) for a, b in parts]
    return ~(near | (same[0] & same[1]))


@dataclass
class Claim:
    """The end of a line of the dump."""

    ulp: int
    cast: str

    def problem(self, meeting: list[list[Case]], form: Callable[..., Any], arrays: Arrays) -> str | None:
        """The first thing that is not as promised, over all cases that meet the needs, part by part."""
        for part in meeting:
            for case in part:
                if case.raised and not raises(case, form, arrays):
                    return f"{case.operands}: {case.raised.__name__} is lost"
            calm = [case for case in part if not case.raised]
            problem = self.compare(calm, form, arrays) if calm else None
            if problem:
                return problem
        return None

    def compare(self, part: list[Case], form: Callable[..., Any], arrays: Arrays) -> str | None:
        operands = arrays.of(part)
        with events() as seen:
            result = form(*operands)
            if self.cast != "-":
                result = result.astype(self.cast)
        given = result[: len(part)]
        wanted = [case.result for case in part]
        expected = np.dtype(dtype_of(type(wanted[0]).__name__))
        if given.dtype != expected:
            return f"dtype {given.dtype} for {expected}"
        wrong = differences(given, wanted, self.ulp)
        if wrong.any():
            place = int(np.argmax(wrong))
            return f"{part[place].operands}: {given[place]!r} for {wanted[place]!r}"
        scalar_events = frozenset().union(*(case.events for case in part))
        return None if seen == scalar_events else f"warnings {sorted(seen)} for {sorted(scalar_events)}"


def raises(case: Case, form: Callable[..., Any], arrays: Arrays) -> bool:
    """Whether the array form raises what the scalars do."""
    with events():
        try:
            form(*arrays.of([case]))
        except Exception as error:
            return type(error) is case.raised
    return False


@dataclass
class Arrays:
    """How operands become arrays."""

    types: list[str]
    layout: str

    def of(self, part: list[Case]) -> list[Any]:
        columns = zip(*(case.operands for case in part), strict=True)
        return [
            column[0] if ty in PYTHON else array(list(column), dtype_of(ty), self.layout)
            for ty, column in zip(self.types, columns, strict=True)
        ]

    def parts(self, cases: list[Case]) -> list[list[Case]]:
        """One part for each value of an operand that stays a scalar."""
        scalars = [k for k, ty in enumerate(self.types) if ty in PYTHON]
        if not scalars:
            return [cases] if cases else []
        parts: dict[str, list[Case]] = {}
        for case in cases:
            parts.setdefault(repr([case.operands[k] for k in scalars]), []).append(case)
        return list(parts.values())

    def alone(self, case: Case, form: Callable[..., Any]) -> Callable[[], tuple[Any, set[str]]]:
        def compute() -> tuple[Any, set[str]]:
            with events() as seen:
                return form(*self.of([case]))[0], seen

        return compute


def test_steps(tables: Tables) -> None:
    _loaded.append(tables)
    wrong: dict[tuple[str, ...], str] = {}
    claimed = [line for line in tables["step"] if line[5] != "differs"]
    for (name, flavour, types), group in itertools.groupby(claimed, key=lambda line: tuple(line[:3])):
        scalar = Computation(tables, name, flavour)
        form = Computation(tables, name, "ufunc")
        found = run(combinations(name, types.split()), scalar)
        for (to, needs), lines in itertools.groupby(group, key=lambda line: (line[3], line[7])):
            meeting = those_that_meet(needs, name, found, form, to.split())
            assert meeting, (name, flavour, types, needs)
            for *_, layout, _, ulp, _, cast in lines:
                problem = Claim(int(ulp), cast).problem(meeting, form, Arrays(to.split(), layout))
                if problem:
                    wrong[name, flavour, types, to, layout] = problem
    assert not wrong, f"{len(wrong)} wrong, such as {list(wrong.items())[:20]}"


def those_that_meet(
    needs: str, name: str, found: list[Case], form: Callable[..., Any], types: list[str]
) -> list[list[Case]]:
    """The cases that meet all needs, one part for each value of an operand that stays a scalar."""
    arrays = Arrays(types, "contiguous")
    words = [need for need in needs.split(", ") if need]
    return arrays.parts([c for c in found if all(meets(need, name, c, arrays.alone(c, form)) for need in words)])


@dataclass
class Computation:
    """A function in a flavour."""

    tables: Tables
    name: str
    flavour: str

    def __call__(self, *operands: Any) -> Any:
        return apply(self.tables, self.name, self.flavour, operands)


FORMS: dict[str, Callable[[Any, Any], Any]] = {
    "pow.identity": lambda x, _: +x,
    "pow.square": lambda x, _: np.square(x),
    "pow.cube": lambda x, _: x * x * x,
    "pow.sqrt": lambda x, _: np.sqrt(x),
    "pow.reciprocal": lambda x, _: np.reciprocal(x),
    "pow.uniform": lambda x, exponent: x**exponent,
    "pow.float_power": np.float_power,
}


def test_powers(tables: Tables) -> None:
    _loaded.append(tables)
    wrong: dict[tuple[str, ...], str] = {}
    for flavour, base, text, layout, form, strength, ulp, needs in tables["power"]:
        if strength == "differs":
            continue
        exponent = float(text) if "." in text else int(text)
        found = run([(x, exponent) for x in in_int64(base)], Computation(tables, "pow", flavour))
        types = [f"np.{dtype_of(base)}", type(exponent).__name__]
        meeting = those_that_meet(needs, "pow", found, FORMS[form], types)
        problem = Claim(int(ulp), "-").problem(meeting, FORMS[form], Arrays(types, layout))
        if problem:
            wrong[flavour, base, text, layout, form] = problem
    assert not wrong, f"{len(wrong)} wrong, such as {list(wrong.items())[:20]}"


def test_powers_of_arrays(tables: Tables) -> None:
    """NumPy's short cuts for `array ** literal` are the ones that the reader takes them for."""
    for dtype, text, form in tables["array_power"]:
        exponent = float(text) if "." in text else int(text)
        if dtype.startswith(("bool", "int", "uint")) and exponent < 0 and isinstance(exponent, int):
            continue  # a ValueError
        operand = array([x for x in values(f"np.{dtype}") if np.isfinite(x)], dtype, "contiguous")
        with events():
            power, taken = operand**exponent, FORMS[form](operand, exponent)
        assert power.dtype == taken.dtype, (dtype, text)
        assert power.tobytes() == taken.tobytes(), (dtype, text)
        if form == "pow.uniform":
            with events():
                assert np.array_equal(np.power(operand, exponent), power, equal_nan=power.dtype.kind in "fc"), (
                    dtype,
                    text,
                )
