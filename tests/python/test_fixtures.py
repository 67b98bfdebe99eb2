"""Each fixture runs on inputs made from its header, and the array form in the header gives the same.

The header of a fixture:

    # inputs: a=f64[n, m], k=int 1..9, n=0..64, m=0..64         see tests/generator/inputs.py
    # expect: lift                      or: refuse <reason>
    # form: <the array expression for what is returned>, or - where there is none
    # becomes: <the array form in words, where it is no expression for what is returned>
"""

from __future__ import annotations

import contextlib
import io
import re
import runpy
import sys
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

TESTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "generator"))

from inputs import Header  # noqa: E402

FIXTURES = TESTS / "fixtures"


def read_header(program: Path) -> dict[str, str]:
    return dict(re.findall(r"^# (inputs|expect|form): (.+)$", program.read_text(), re.MULTILINE))


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
    inputs = Header.read(header["inputs"])
    rng = np.random.default_rng(zlib.crc32(program.stem.encode()))
    for repetition in range(12):
        arguments = inputs.make(rng) if repetition else inputs.least(rng)
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
