"""Compiled functions do what CPython does: values, types, effects, exceptions, warnings and references."""

import sys
import warnings
from pathlib import Path

import numlift
import pytest

sys.path.insert(0, str(Path(__file__).parent / "compiled"))
sys.path.insert(0, str(Path(__file__).parents[1] / "generator"))

import call_cases  # noqa: F401 - its cases are among those of `cases`
import errstate_cases  # noqa: F401
import flow_cases  # noqa: F401
import list_cases  # noqa: F401
import pattern_cases  # noqa: F401
from cases import CASES
from compiled import every_pair, random_programs
from holding import differences, how


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", numlift.NumliftWarning)
        yield


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.function.__name__)
def test_case(case, monkeypatch):
    # What is compiled must be right whether it pays or not.
    if not case.in_python:
        monkeypatch.setenv("NUMLIFT_COMPILE", "always")
    for arguments in case.arguments:
        kernel = numlift.jit(case.function)
        assert differences(case.function, arguments, case.ulp, kernel) == [], arguments
        compiled, _, why = how(kernel)
        assert compiled is not case.in_python, why


@pytest.mark.parametrize("number", range(12))
def test_operators(number):
    """A part of the pairs of types; `cargo xtask fuzz compile` has them all."""
    assert list(every_pair(seed=number, count=4)) == []


@pytest.mark.parametrize("number", range(10))
def test_random_programs(number):
    """A few of them; `cargo xtask fuzz compile` has more."""
    assert list(random_programs(seed=number, count=12)) == []
