"""Vectors that share memory, assigned to each other: NumPy goes through both at once, and so does compiled code."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from kernels import defined
from numlift import _native

sys.path.insert(0, str(Path(__file__).parents[1] / "generator"))

import outcomes

# Two arrays of 8, in memory of 40 float64.
PAIRS = {
    "same": lambda b: (b[:8], b[:8]),
    "before": lambda b: (b[:8], b[1:9]),
    "behind": lambda b: (b[1:9], b[:8]),
    "turned": lambda b: (b[:8], b[:8][::-1]),
    "in steps": lambda b: (b[:16:2], b[:8]),
    "of steps": lambda b: (b[:8], b[:16:2]),
    "between": lambda b: (b[0:16:2], b[1:17:2]),
    "from the end": lambda b: (b[15::-2], b[7::-1]),
    "of ints": lambda b: (b[:8], b.view(np.int64)[:8]),
    "of half the size": lambda b: (b[:8], b.view(np.float32)[:8]),
    "not aligned": lambda b: (b[:8], b.view(np.uint8)[4:68].view(np.float64)),
    "repeated": lambda b: (b[:8], np.broadcast_to(b[2], 8)),
    "a column": lambda b: (b[:8], b.reshape(8, 5)[:, 0]),
    "a row": lambda b: (b.reshape(8, 5)[:, 1], b[2:10]),
    "apart": lambda b: (b[:8], b[20:28]),
}
STATEMENTS = [
    "x[:] = y",
    "x[...] = y",
    "x[1:] = y[:-1]",
    "x[:-1] = y[1:]",
    "x[::-1] = y",
    "x[:3] = y[1:7:2]",
    "x[:], y[:] = y, x",
    "x[:] = y * 1.0",
    "x += y",
    "for i in range(1, 8): x[i:] = y[: 8 - i]",
    "z = y[1:]; x[1:] = z; z[:] = x[:-1]",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_what_is_stored(statement, tmp_path):
    path = tmp_path / "stores.py"
    text = f"def f(x, y):\n    {statement}\n    return x, y\n"
    path.write_text(text)
    function = defined(text, str(path), "f")
    kernel = _native.jit(function, {"always": True})
    for name, pair in PAIRS.items():
        wanted, found = np.arange(40.0) - 5.0, np.arange(40.0) - 5.0
        # The repeated one is for reading only.
        expected, actual = (
            outcomes.ended(one, [*pair(memory)]) for one, memory in ((function, wanted), (kernel, found))
        )
        assert outcomes.apart(expected, actual) == "", name
        assert found.tobytes() == wanted.tobytes(), name
    assert kernel.specializations[0]["compiled"]
