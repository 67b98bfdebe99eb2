"""Programs that are not nice to a compiler do what CPython does, called again and again by one kernel."""

import copy
import sys
import warnings
from pathlib import Path

import numlift
import pytest

sys.path.insert(0, str(Path(__file__).parent / "compiled"))

from claimed_shapes import CLAIMED
from functions_inside import INSIDE
from holding import ending_of, told
from hostile import HOSTILE
from lists_that_grow import GROWING
from unusual_calls import UNUSUAL


@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case[0].__name__)
def test_hostile_program(case):
    does_what_cpython_does(case)


@pytest.mark.parametrize("case", INSIDE + CLAIMED + GROWING + UNUSUAL, ids=lambda case: case[0].__name__)
def test_compiled_or_not(case, monkeypatch):
    # What is compiled must be right whether it pays or not.
    monkeypatch.setenv("NUMLIFT_COMPILE", "always")
    does_what_cpython_does(case)


def does_what_cpython_does(case):
    function, *calls = case
    defaults = copy.deepcopy(function.__defaults__)
    python = [ending_of(function, arguments) for arguments in calls]
    # What calls did to default values is done again.
    function.__defaults__ = defaults
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", numlift.NumliftWarning)
        kernel = numlift.jit(function)
        for arguments, expected in zip(calls, python, strict=True):
            assert told(expected, ending_of(kernel, arguments), 4) == [], arguments
