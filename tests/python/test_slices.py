"""Slices of tuples, shapes, lists and texts, over all bounds and steps, in machine code."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from kernels import defined
from numlift import _native

sys.path.insert(0, str(Path(__file__).parents[1] / "generator"))

import outcomes

BOUNDS = ["", "-5", "-3", "-1", "0", "1", "2", "5"]
STEPS = ["", ":", ":-2", ":-1", ":1", ":2", ":k"]
SEQUENCES = ["p", "x.shape", "given", "own", "'abcd'", "((1, 2), (3, x), p)", "range(5)"]


@pytest.mark.parametrize("base", SEQUENCES)
@pytest.mark.parametrize("step", STEPS)
def test_each_slice(base, step, tmp_path):
    slices = ", ".join(f"{base}[{lo}:{hi}{step}]" for lo in BOUNDS for hi in BOUNDS)
    path = tmp_path / "slices.py"
    text = f"def f(x, given, k):\n    p, own = (1, 2.0, k), [k, 2, 3]\n    return {slices}\n"
    path.write_text(text)
    function = defined(text, str(path), "f")
    kernel = _native.jit(function, {"always": True})

    def arguments():
        return [np.ones((2, 3, 4)), (1.5, 2, 3.0), -2]

    assert outcomes.apart(outcomes.ended(function, arguments()), outcomes.ended(kernel, arguments())) == ""
    # A list of the function's own in steps that vary is left to Python as a whole.
    assert kernel.specializations[0]["compiled"] or (base, step) == ("own", ":k")


def reversed_shape(x):
    total = 0.0
    turned = np.zeros(x.shape[::-1])
    for i in range(turned.shape[0]):
        for j in range(turned.shape[::-1][0]):
            turned[i, j] = x[j, i] + i
            total += turned[i, j]
    return turned, total, x.shape[::2]


def test_a_shape_is_turned():
    kernel = _native.jit(reversed_shape, {"always": True})
    x = np.arange(6.0).reshape(2, 3)
    assert repr(kernel(x)) == repr(reversed_shape(x))
    assert kernel.specializations[0]["islands"] == []
