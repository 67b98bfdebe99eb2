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


def halved(a, n, s, t=2):
    y = a
    if n <= 0 or n > 3:
        return a[0]
    for s in a:  # noqa: B007
        np.add.at(a, y % 4, 1.0)
    return None


def quartered(a, n, t, s=2):
    m = np.ones((2, 3))
    if n <= 0 or n > 3:
        return s + t
    t = quartered(m[0], n - 2, 0.25) + halved(m[0], n - 1, 1.0, t)
    return None


def halves_and_quarters(a, n, t):
    s = 0.5
    match n % 4:
        case 0:
            s = quartered(a[1:], 2, 1.0, t)
    return s


RAISING = [
    (halves_and_quarters, (np.ones(3), 0, 0.0)),
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
    found = traceback.extract_tb(caught.value.__traceback__)[1:]
    return [(one.name, one.lineno, one.colno) for one in found], repr(caught.value)


@pytest.mark.parametrize(("function", "arguments"), RAISING)
def test_frames(function, arguments, monkeypatch):
    monkeypatch.setenv("NUMLIFT_COMPILE", "always")
    assert frames(numlift.jit(function), arguments) == frames(function, arguments)
