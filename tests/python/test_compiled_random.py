"""Random programs under CPython against compiled; `cargo xtask fuzz compile` runs as many as one likes.

Takes some seconds a hundred programs: each is compiled for several kinds of arguments.
"""

import sys
import warnings
from pathlib import Path

import numlift
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "generator"))

from compiling import difference
from compiling_lists import ListWriter

BATCHES = 6
IN_A_BATCH = 20


@pytest.mark.parametrize("batch", range(BATCHES))
def test_compiled_programs_do_what_they_did(batch, tmp_path):
    compiled = 0
    for seed in range(batch * IN_A_BATCH, (batch + 1) * IN_A_BATCH):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", numlift.NumliftWarning)
            found, outcome = difference(seed, tmp_path)
        assert found is None, found
        compiled += outcome == "compiled"
    assert compiled > IN_A_BATCH // 2


@pytest.mark.parametrize("batch", range(2))
def test_compiled_programs_with_lists_do_what_they_did(batch, tmp_path):
    compiled = 0
    for seed in range(batch * IN_A_BATCH, (batch + 1) * IN_A_BATCH):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", numlift.NumliftWarning)
            found, outcome = difference(seed, tmp_path, made=ListWriter)
        assert found is None, found
        compiled += outcome == "compiled"
    assert compiled > IN_A_BATCH // 2
