"""What `kernel.explain()` says, as a person reads it: `compiled/explained.txt`.

NUMLIFT_ACCEPT=1 pytest tests/python/test_explain.py      writes that file anew; read what changed
"""

import contextlib
import io
import os
import re
import sys
import warnings
from pathlib import Path

import numlift
import numpy as np

sys.path.insert(0, str(Path(__file__).parent / "compiled"))

import explained

SHOWN = Path(__file__).parent / "compiled" / "explained.txt"


def calls():
    x, y = np.linspace(1.0, 2.0, 100), np.linspace(0.0, 1.0, 100)
    return [
        (explained.jacobi, (np.ones((50, 50)), np.zeros((50, 50)), 3)),
        (explained.total, (x,), (x[::2],)),
        (explained.gather, (x, np.array([1, 2, 3]), np.zeros(3))),
        (explained.expression, (x, y)),
        (explained.grows, (10,), (100,)),
        (explained.mixed, (x[:4], "name")),
        (explained.product, (np.ones((5, 5)), np.ones((5, 5)), 2)),
        (explained.sieve, (100,)),
        (explained.counts, (x,)),
        (explained.escape, (5, 20)),
        (explained.sums, (x, np.ones((20, 30)))),
    ]


def said(function, *arguments):
    kernel = numlift.jit(function)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore", numlift.NumliftWarning)
        for one in arguments:
            kernel(*one)
    text = kernel.explain().replace(", from the cache", "")
    # How wide vectors are, and how long the code is, depends on the processor.
    text = re.sub(r"\b(2|4|8|16|32|64) numbers at a time", "N numbers at a time", text)
    return re.sub(r"\d+ kB", "N kB", text)


def test_what_is_said():
    text = "\n\n\n".join(said(*call) for call in calls()) + "\n"
    if os.environ.get("NUMLIFT_ACCEPT"):
        SHOWN.write_text(text)
    assert text == SHOWN.read_text()


def test_what_was_not_called():
    kernel = numlift.jit(explained.total)
    assert kernel.explain().splitlines()[2:] == [
        "not called yet: it is compiled at the first call, for the types of its arguments"
    ]
