"""Random programs of every class under CPython against compiled; `cargo xtask fuzz compile` runs as many as one likes.

Takes a second or two a class: each program is compiled for several kinds of arguments. Most are compiled without
LLVM's optimizer, which would take the most time.
"""

import sys
import warnings
from pathlib import Path

import numlift
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "generator"))

import compiling
import leaving
import quick

# Programs of each class.
COUNT = 15


@pytest.fixture(autouse=True)
def everybodys_compiler():
    yield
    quick.use(False)


@pytest.mark.parametrize("topic", compiling.CLASSES)
def test_compiled_programs_do_what_they_did(topic, tmp_path):
    compiled = 0
    for seed in range(COUNT):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", numlift.NumliftWarning)
            finding = compiling.test(tmp_path, topic, seed)
        assert finding.outcome != "different", finding.text
        compiled += finding.outcome.startswith("compiled")
    assert compiled > COUNT // 3


def test_every_place_asks_whether_it_is_left():
    text = """\
  br i1 %t1, label %leave1, label %on1, !prof !1
on1:
  br i1 %t2, label %on2, label %leave1, !prof !2
on2:
  %t3 = call i32 @nl_island(ptr %ctx, i32 0, ptr %in, ptr %out)
  %t4 = icmp eq i32 %t3, 1
  br i1 %t4, label %leave1, label %on3, !prof !1
on3:
  %t5 = icmp eq i32 %t3, 2
  br i1 %t5, label %other1, label %on4, !prof !1
"""
    asking = leaving.asking(text)
    assert "br i1 %fc1, label %leave1, label %on1, !prof !1" in asking
    assert "%fc2 = and i1 %t2, %fb2" in asking
    # What a piece did that raised must not be done again.
    assert "br i1 %t4, label %leave1" in asking
    assert "call i32 @nl_island_forced(ptr %ctx, i32 0" in asking
