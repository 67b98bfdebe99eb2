"""Slips that are planted in the passes are found by random programs.

In each pass of lowering one condition is forgotten (`lower::Slip`); random programs of the kinds that the suite runs,
under CPython and compiled with that slip, have to differ soon. Without it they agree, which `test_compiled_random.py`
shows. Programs run in processes of their own, since what is planted may crash.
"""

import sys
from functools import partial
from pathlib import Path

import pytest
from numlift import _native

sys.path.insert(0, str(Path(__file__).parents[1] / "generator"))

import compiling
import workers

# Where a slip shows first, and within how many programs it has to.
SLIPS = {
    "fusion": ("array expressions", 150),
    "interchange": ("nests", 150),
    "parallel": ("threads", 100),
    "checks": ("threads", 100),
    "hoisting": ("control flow", 150),
    "ranges": ("ints", 150),
    "frames": ("exits", 150),
    "aliasing": ("nests", 150),
    "counters": ("ints", 300),
}


def planted(folder, slip, topic, seed):
    """Whether the program of a seed tells that a slip is there."""
    plain = _native.jit
    _native.jit = lambda function, options: plain(function, {**options, "slip": slip})
    try:
        return compiling.test(folder, topic, seed).outcome == "different"
    finally:
        _native.jit = plain


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_found(slip, tmp_path):
    """A few seconds at the most: it ends with the first program that tells."""
    topic, count = SLIPS[slip]
    answers = workers.run(range(count), partial(planted, tmp_path, slip, topic), 1, lambda seed, how: True)
    try:
        assert any(answers)
    finally:
        answers.close()


def test_there_is_no_other_slip():
    with pytest.raises(ValueError, match="no slip is called `other`"):
        _native.jit(planted, {"slip": "other"})(0, 0, 0, 0)
