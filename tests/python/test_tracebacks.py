"""What is raised inside of functions that compiled code sees through has the frames and lines that Python gives it."""

from __future__ import annotations

import copy
import sys
import traceback
import warnings
from pathlib import Path

import numlift
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent / "compiled"))

import call_cases
import flow_cases


def counted(a, y):
    a[0] += 1.0
    np.add.at(a, y, 1.0)
    return a[0]


def counts(a, y):
    s = counted(a, y)
    return s * 2


def counts_in_loops(a, y):
    s = 0.0
    for i in range(len(a)):
        if i > 1:
            s += counts(a, y) + (lambda v: counted(v, y))(a)
    return s


RAISING = [
    (counts, (np.zeros(3), np.array([0.5]))),
    (counts_in_loops, (np.zeros(3), np.array([0.5]))),
    (counts_in_loops, (np.zeros(3), np.array([7]))),
    (call_cases.uncaught, (np.zeros(5), [0, 1, 1, 2])),
    (call_cases.uncaught, (np.zeros(5), [0, 1, 4, 2])),
    (call_cases.two_deep, (np.zeros(8), [0, 1, 6, 2])),
    (call_cases.two_deep, (np.zeros(8), [0, 0, 0, 0, 0])),
    (call_cases.heat, (np.arange(0.0), 3)),
    (call_cases.effects_callee, (np.zeros(4), 4)),
    (flow_cases.kde, (np.zeros(4), "zzz")),
    (flow_cases.nested_exit, (np.zeros(4), 9)),
]


def frames(function, arguments):
    """The name and line of each frame of the program's own."""
    with warnings.catch_warnings(), pytest.raises(Exception) as caught:
        warnings.simplefilter("ignore", numlift.NumliftWarning)
        function(*copy.deepcopy(arguments))
    found = traceback.extract_tb(caught.value.__traceback__)
    return [(one.name, one.lineno, one.colno) for one in found if one.filename != __file__], repr(caught.value)


@pytest.mark.parametrize(("function", "arguments"), RAISING)
def test_frames(function, arguments, monkeypatch):
    monkeypatch.setenv("NUMLIFT_COMPILE", "always")
    assert frames(numlift.jit(function), arguments) == frames(function, arguments)
