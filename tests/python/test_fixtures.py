"""Each fixture runs on inputs made from its header, and the array form in the header gives the same.

The header of a fixture:

    # inputs: a=f64[n, m], x=list[f64][m], idx=i64[n] -8..7, k=int 1..9, w=float, n=0..64, m=0..64
    # expect: lift                      or: refuse <reason>
    # form: <the array expression for what is returned>, or - where there is none

Sizes are shared by the arguments; the range after a type is that of the values.
"""

from __future__ import annotations

import contextlib
import io
import re
import runpy
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"

RANGE = r"(?P<low>-?\d+)\.\.(?P<high>-?\d+)"
ARGUMENT = re.compile(
    rf"(?P<name>\w+)=(?:(?P<size>{RANGE.replace('low', 'least').replace('high', 'most')})|"
    rf"(?P<type>list\[\w+\]|\w+)(?:\[(?P<dims>[\w, ]+)\])?(?: {RANGE})?)(?:, |$)"
)
DTYPES = {"b1": "bool", "u8": "uint8", "c128": "complex128"} | {f"i{8 * k}": f"int{8 * k}" for k in (1, 2, 4, 8)}
DTYPES |= {"f32": "float32", "f64": "float64"}


def read_header(program: Path) -> dict[str, str]:
    return dict(re.findall(r"^# (inputs|expect|form): (.+)$", program.read_text(), re.MULTILINE))


def make_values(dtype: str, shape: tuple[int, ...], bounds: tuple[int, int] | None, rng: np.random.Generator) -> Any:
    kind = np.dtype(DTYPES[dtype]).kind
    if kind == "b":
        return rng.random(shape) < 0.5
    if kind in "iu":
        info = np.iinfo(DTYPES[dtype])
        low, high = bounds or (max(info.min, -1000), min(info.max, 1000))
        return rng.integers(low, high + 1, shape).astype(DTYPES[dtype])
    values = rng.uniform(*bounds, shape) if bounds else np.round(rng.normal(0.0, 2.0, shape), rng.integers(0, 6))
    if kind == "c":
        values = values + 1j * rng.normal(size=shape)
    return values.astype(DTYPES[dtype])


def make_arguments(header: str, rng: np.random.Generator, smallest: bool = False) -> dict[str, Any]:
    found = list(ARGUMENT.finditer(header))
    assert "".join(match[0] for match in found) == header, f"cannot read the inputs {header!r}"
    sizes = {
        match["name"]: int(match["least"])
        if smallest
        else int(rng.integers(int(match["least"]), int(match["most"]) + 1))
        for match in found
        if match["size"]
    }
    arguments: dict[str, Any] = {}
    for match in found:
        if match["size"]:
            continue
        bounds = (int(match["low"]), int(match["high"])) if match["low"] else None
        if match["type"] == "int":
            assert bounds
            arguments[match["name"]] = bounds[0] if smallest else int(rng.integers(bounds[0], bounds[1] + 1))
        elif match["type"] == "float":
            arguments[match["name"]] = float(rng.normal())
        else:
            shape = tuple(sizes[dim] if dim in sizes else int(dim) for dim in match["dims"].split(", "))
            is_list = match["type"].startswith("list")
            values = make_values(match["type"].removeprefix("list[").removesuffix("]"), shape, bounds, rng)
            arguments[match["name"]] = values.tolist() if is_list else values
    return arguments


def copy(value: Any) -> Any:
    return (
        value.copy()
        if isinstance(value, np.ndarray)
        else [copy(v) for v in value]
        if isinstance(value, list)
        else value
    )


def assert_same(old: Any, new: Any) -> None:
    """Values up to rounding, and what kind of thing holds them."""
    if isinstance(old, list | tuple):
        assert type(old) is type(new)
        assert len(old) == len(new)
        for old_item, new_item in zip(old, new, strict=True):
            assert_same(old_item, new_item)
    elif isinstance(old, np.ndarray):
        assert isinstance(new, np.ndarray)
        assert (old.dtype, old.shape) == (new.dtype, new.shape)
        np.testing.assert_allclose(old, new, rtol=1e-9 if old.dtype.itemsize > 4 else 1e-5, atol=1e-12)
    else:
        assert np.asarray(old).dtype.kind == np.asarray(new).dtype.kind
        np.testing.assert_allclose(old, new, rtol=1e-9, atol=1e-12)


def load(program: Path) -> Callable[..., Any]:
    function: Callable[..., Any] = runpy.run_path(str(program))[program.stem]
    return function


@pytest.mark.parametrize(
    "program", sorted(FIXTURES.glob("*/*.py")), ids=lambda path: str(path.relative_to(FIXTURES).with_suffix(""))
)
def test_form_of_fixture(program: Path) -> None:
    header = read_header(program)
    assert re.fullmatch(r"lift|refuse( [\w-]+)?", header["expect"])
    if header["inputs"] == "-":
        with contextlib.redirect_stdout(io.StringIO()):
            runpy.run_path(str(program), run_name="__main__")
        return

    function = load(program)
    assert function.__doc__
    rng = np.random.default_rng(zlib.crc32(program.stem.encode()))
    for repetition in range(12):
        arguments = make_arguments(header["inputs"], rng, smallest=repetition == 0)
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(action="ignore"):
            try:
                old = function(**copy_all(arguments))
            except (ArithmeticError, IndexError, ValueError):
                # The loop itself fails on this input, so there is nothing to hold its form against.
                continue
            if header.get("form", "-") != "-":
                assert_same(old, eval(header["form"], {"np": np}, copy_all(arguments)))


def copy_all(arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: copy(value) for name, value in arguments.items()}
