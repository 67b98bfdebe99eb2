"""What raises raises, though nobody uses the value."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from kernels import defined
from numlift import _native

sys.path.insert(0, str(Path(__file__).parents[1] / "generator"))

import outcomes

# What raises for these: x float64[5], m float64[3, 4], i 9, y int64[6], t 0.5, b a list, k 0, p a tuple, c a text.
EXPRESSIONS = """
m[i]; m[i, 0]; x[y + 9]; x[[1, 9]]; m[[0, 9], 1]; x[y > 2]; b[i]; p[i]; c[i]; y[t]; 1 // k;
t % k; k ** -1; divmod(1, k); round(float("inf")); int(c); x + np.ones(17); m @ m;
x.reshape(2, 3); np.concatenate([x, m]); np.zeros(-1); np.zeros(i - 99); np.zeros((2, i - 99));
np.ones((2, -1)); x.sum(axis=3); np.max(x[:0]); max(b[:0]); len(k); k[0]; c + k; k in t;
list(range(0, 5, k)); x[::k]; b[::k]; p[::k]; c[::k]; x[1:c]; b[t:]; m[0, ::k];
np.where(x, m, y); not x; x and k; 1 < x < 3; m[0] < x[0] and k; max(x, y); b.index(77);
next(iter([])); f"{x:d}"; np.add(x); m[1, 2, 3]; m[x]; b[c]; g;
m[np.argmax(m)]; m[np.int64(9)]; m[y[5]]; m[y.max() + k, :]; m[k + np.argmax(m)]
"""
STATEMENTS = {
    "bound": "unused = {}\nk += 1",
    "in a loop": "for j in range(3):\n    unused = {}\n    k += j",
    "a condition": "for j in range(3):\n    if ({}) if j > 1 else (j > 4):\n        continue\n    k += j",
    "a condition alone": "for j in range(3):\n    if {}:\n        continue\n",
    "a statement": "for j in range(2):\n    k += 1\n    {}\nx[0] += 1",
}


@pytest.mark.parametrize("statement", STATEMENTS)
def test_it_raises(statement, tmp_path):
    for number, expression in enumerate(EXPRESSIONS.split(";")):
        body = STATEMENTS[statement].format(expression.strip()).replace("\n", "\n    ")
        text = f"import numpy as np\ndef f(x, m, i, y, t, b, k, p, c):\n    {body}\n    return k, x\n"
        path = tmp_path / f"discarded_{number}.py"
        path.write_text(text)
        function = defined(text, str(path), "f")
        kernel = _native.jit(function, {"always": True})

        def arguments():
            m = np.arange(12.0).reshape(3, 4)
            return [np.arange(5.0) - 1, m, 9, np.arange(6), 0.5, [1.0, 2.0, 3.0], 0, (1, 2.0), "abc"]

        expected = outcomes.ended(function, arguments())
        assert outcomes.apart(expected, outcomes.ended(kernel, arguments())) == "", expression
        assert kernel.specializations[0]["compiled"], expression


@pytest.mark.parametrize("flag", [True, np.True_])
def test_a_condition_that_is_neither(flag, tmp_path):
    """`m[1, True]` is an array."""
    text = "def f(m, n):\n    for j in range(3):\n        if m[1, n] < m[0, j]:\n            continue\n    return 0\n"
    path = tmp_path / "neither.py"
    path.write_text(text)
    kernel = _native.jit(defined(text, str(path), "f"), {"always": True})
    with pytest.raises(ValueError, match="ambiguous"):
        kernel(np.ones((4, 5)), flag)
