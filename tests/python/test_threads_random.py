"""Random loops and programs, compiled so that every loop is launched that can be: what CPython does, in every bit.

More of them: `python tests/generator/independent.py`, `python tests/generator/compiling.py --threads 3`. Each program
is compiled for several kinds of arguments, which takes the time.
"""

import sys
import warnings
from pathlib import Path

import numlift
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "generator"))

import compiling
import independent


@pytest.mark.parametrize("batch", range(2))
def test_loops(batch, tmp_path):
    launched = 0
    for seed in range(batch * 5, (batch + 1) * 5):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", numlift.NumliftWarning)
            found, loops = independent.difference(seed, tmp_path)
        assert found is None, found
        launched += loops
    assert launched


def test_programs_on_threads(tmp_path):
    for seed in range(1000, 1006):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", numlift.NumliftWarning)
            found, _ = compiling.difference(seed, tmp_path, threads=3)
        assert found is None, found
