"""Names that stand for something else at run time than the file says: compiled code must not go by the file."""

import importlib
import math
import sys
import warnings

import numlift
import numpy as np
import pytest

TEXT = """
import math
import numpy as np
from math import sqrt

def helper(v):
    return v + 1

def through_numpy(x):
    s = 0.0
    for i in range(len(x)):
        s += np.sqrt(x[i])
    return s

def through_math(x):
    s = 0.0
    for v in x:
        s += math.sqrt(v)
    return s

def by_name(x):
    s = 0.0
    for v in x:
        s += sqrt(v)
    return s

def through_helper(x):
    s = 0.0
    for v in x:
        s += helper(v)
    return s

def through_builtins(x):
    s = 0.0
    for i in range(len(x)):
        s += abs(x[i])
    return s
"""


class Fake:
    """Stands where NumPy stood."""

    @staticmethod
    def sqrt(x):
        return -1.0


@pytest.fixture
def module(tmp_path, monkeypatch):
    (tmp_path / "programs_here.py").write_text(TEXT)
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("programs_here")
    del sys.modules["programs_here"]


CASES = [
    ("through_numpy", "programs_here", "np", Fake),
    ("through_numpy", "numpy", "sqrt", lambda x: 7.0),
    ("through_math", "math", "sqrt", lambda x: 7.0),
    ("by_name", "programs_here", "sqrt", lambda x: 7.0),
    ("through_helper", "programs_here", "helper", lambda v: v * 10),
    ("through_builtins", "programs_here", "abs", lambda v: 5.0),
    ("through_builtins", "programs_here", "range", lambda n: [0]),
]


@pytest.mark.parametrize(("name", "where", "what", "other"), CASES)
def test_what_was_replaced_is_called(module, monkeypatch, name, where, what, other):
    function = getattr(module, name)
    before, after, meanwhile = numlift.jit(function), numlift.jit(function), numlift.jit(function)
    x = np.array([1.0, 2.0, -0.0, 3.0])
    assert before(x) == function(x)
    assert before.specializations[0]["compiled"]
    with warnings.catch_warnings(), monkeypatch.context() as patch:
        warnings.simplefilter("ignore", numlift.NumliftWarning)
        patch.setattr(sys.modules[where], what, other, raising=False)
        assert before(x) == function(x)
        assert meanwhile(x) == function(x)
    for kernel in (before, after, meanwhile):
        assert kernel(x) == function(x)
    assert math.sqrt(4.0) == 2.0
