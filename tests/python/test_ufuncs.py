"""A part of every ufunc over every pair of dtypes; `python tests/generator/ufuncs.py` has them all."""

import sys
import warnings
from pathlib import Path

import numlift
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "generator"))

import quick
import ufuncs


@pytest.fixture(autouse=True)
def quick_compiler():
    quick.use()
    yield
    quick.use(False)


@pytest.mark.parametrize("number", range(10))
def test_a_part_of_them(number):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", numlift.NumliftWarning)
        assert list(ufuncs.run(seed=number, count=40)) == []


def test_none_is_missing():
    names = {case.name for case in ufuncs.cases()}
    assert {"add", "power", "arctan2", "logical_xor", "degrees", "isnan", "**", "<<"} <= names
    pairs = {case.types for case in ufuncs.cases() if case.name == "maximum"}
    assert len([pair for pair in pairs if pair[0] in ufuncs.DTYPES and pair[1] in ufuncs.DTYPES]) == 14 * 14
