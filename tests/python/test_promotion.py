"""What `numlift_ir` knows of dtypes and scalar functions, held against NumPy and CPython themselves.

`cargo run -p numlift_ir --example dump_tables` prints every claim as a line; each line is one case here. Nothing is
sampled: every function, flavour and combination of operand types occurs.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from ir_tables import Tables, apply, instance, load, type_name, values

WEAK = {"int": 1, "float": 1.0, "complex": 1j}


@pytest.fixture(scope="module")
def tables() -> Tables:
    return load()


def dtype_or_weak(name: str) -> Any:
    return WEAK[name] if name in WEAK else np.dtype(name)


def test_promotion_of_pairs(tables: Tables) -> None:
    lines = tables["promote"]
    assert len(lines) == 14 * 14
    for a, b, result in lines:
        assert np.promote_types(a, b).name == result, (a, b)


def test_promotion_of_three_operands_and_python_scalars(tables: Tables) -> None:
    lines = tables["promote3"]
    assert len(lines) == 14 * 14 * 17
    for *operands, result in lines:
        assert np.result_type(*map(dtype_or_weak, operands)).name == result, operands


def test_casting(tables: Tables) -> None:
    lines = tables["cast"]
    assert len(lines) == 14 * 14 * 4
    for a, b, casting, result in lines:
        assert np.can_cast(a, b, casting) == (result == "true"), (a, b, casting)


def test_every_name_is_what_it_says(tables: Tables) -> None:
    import builtins
    import math

    for name, arity, python, in_math, in_numpy, is_ufunc in tables["function"]:
        if python.startswith("builtin "):
            assert hasattr(builtins, python.split()[1])
        if in_math != "-":
            assert hasattr(math, in_math)
        canonical, *aliases = in_numpy.split()
        if canonical == "-":
            continue
        function = getattr(np, canonical)
        assert isinstance(function, np.ufunc) == (is_ufunc == "true"), name
        for alias in aliases:
            # `np.around` is a function of its own that calls `np.round`.
            assert getattr(np, alias) is function or alias in {"around", "rad2deg", "deg2rad"}, alias
        if isinstance(function, np.ufunc):
            assert function.nin == int(arity) and function.nout == 1


def observed_types(name: str, flavour: str, types: list[str], table: Tables) -> set[str]:
    """The result types for a few operands each, small enough to stay in range."""
    found = set()
    for operands in itertools.product(*(small(ty) for ty in types)):
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                found.add(type_name(apply(table, name, flavour, operands)))
            except TypeError:
                found.add("error")
            except (ArithmeticError, ValueError):
                continue
    return found


def small(ty: str) -> list[Any]:
    wanted = [1, 2, 0] if ty in {"bool", "np.bool"} or ty.startswith("np.uint") else [1, 2, -1, 0]
    fractions = [0.5, -0.5] if "float" in ty or "complex" in ty else []
    return [instance(ty, value) for value in wanted + fractions]


def test_result_types(tables: Tables) -> None:
    wrong = []
    for name, flavour, types, result in tables["result"]:
        if not tables.fits(name, flavour, types.split()):
            assert result == "error", (name, flavour, types)
            continue
        found = observed_types(name, flavour, types.split(), tables)
        claimed = set(result.split())
        # Two types are claimed where values or NumPy's version decide; one must be the only one seen.
        if not found or not found <= claimed:
            wrong.append((name, flavour, types, sorted(claimed), sorted(found)))
    assert not wrong, f"{len(wrong)} wrong, such as {wrong[:20]}"


EVENTS = {"divide by zero": "divide", "overflow": "over", "underflow": "under", "invalid value": "invalid"}


def hostile_operands(name: str, types: list[str]) -> Iterator[tuple[Any, ...]]:
    for operands in itertools.product(*(values(ty, few=len(types) > 1) for ty in types)):
        # Python would compute these, for years.
        if name in {"shl", "pow"} and isinstance(operands[1], int) and abs(operands[1]) > 1000:
            continue
        yield operands


def test_faults_are_an_upper_bound(tables: Tables) -> None:
    wrong = {}
    events: set[str] = set()
    with warnings.catch_warnings(), np.errstate(all="call", call=lambda text, _: events.add(EVENTS[text])):
        warnings.simplefilter("ignore")
        for name, flavour, types, raises, warns in tables["faults"]:
            allowed = set(raises.split()), set(warns.split())
            for operands in hostile_operands(name, types.split()):
                events.clear()
                raised = raised_by(tables, name, flavour, operands)
                if not raised <= allowed[0] or not events <= allowed[1]:
                    wrong[name, flavour, types] = (operands, raised, set(events), raises, warns)
    assert not wrong, f"{len(wrong)} wrong, such as {list(wrong.items())[:20]}"


def raised_by(tables: Tables, name: str, flavour: str, operands: tuple[Any, ...]) -> set[str]:
    """The exception of one call; which types are errors, another test says."""
    try:
        apply(tables, name, flavour, operands)
    except (ArithmeticError, ValueError) as error:
        return {type(error).__name__}
    except TypeError:
        return set()
    return set()
