"""The verifier, tested by planting mistakes.

Each case is a region with a right rewrite and wrong ones, under one job: what is proven about the live-ins is such that
the right rewrite passes, so a wrong one is caught for its own mistake and not for an input that never occurs.
"""

from __future__ import annotations

import json
import textwrap
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import worker
from verifying import Json, Region, verify

NUMPY = "import math\nimport random\nimport numpy as np\n"
ARRAYS = """
rng = np.random.default_rng(case)
n = 100 + case
x = rng.normal(size=n)
y = rng.normal(size=n)
out = np.zeros(n)
"""


def known(*names: str, lengths: bool = True, shared: bool = False, empty: bool = True) -> list[Json]:
    """Everything that a closed world proves about the usual live-ins."""
    kinds = ["type", "contiguous"]
    kinds += ["lengths"] if lengths else []
    kinds += [] if shared else ["unshared"]
    kinds += [] if empty else ["not_empty"]
    return [{"t": kind, "name": name} for kind in kinds for name in names]


def size(name: str = "n", low: int = 0) -> list[Json]:
    """A size: related to lengths as captured, never negative."""
    facts = [{"t": kind, "name": name} for kind in ("type", "lengths")]
    return [*facts, {"t": "value", "name": name}] if low < 0 else [*facts, {"t": "range", "name": name, "lo": low}]


CHECKED = "if len(A[0]) != len(B):\n    raise ValueError('shapes')\n"


@dataclass
class Case:
    name: str
    old: str
    right: str
    wrong: dict[str, str]
    live_out: list[str]
    inputs: str = ARRAYS
    parameters: list[str] = field(default_factory=lambda: ["x", "y", "out", "n"])
    module: str = ""
    function: str = "region"
    facts: list[Json] = field(default_factory=list)
    policy: Json = field(default_factory=lambda: {"strength": "exact"})
    cases: int = 2

    def region(self) -> Region:
        job: Json = {"proven": self.facts, "policy": self.policy}
        module = NUMPY + self.module
        return Region(
            module, self.inputs, self.old, self.live_out, self.function, self.parameters, cases=self.cases, job=job
        )


ROUNDING: Json = {"strength": "rounding"}
QUIET: Json = {"strength": "exact", "allow": [{"t": "warnings"}]}

CASES = [
    Case(
        "map",
        "for i in range(len(x)):\n    out[i] = x[i] * 2.0 + y[i]",
        "out[:] = x * 2.0 + y",
        {
            "last element lost": "out[:-1] = x[:-1] * 2.0 + y[:-1]",
            "first element lost": "out[1:] = x[1:] * 2.0 + y[1:]",
            "rebound, not stored into": "out = x * 2.0 + y",
            "operands swapped": "out[:] = y * 2.0 + x",
            "an argument clobbered": "x *= 2.0\nout[:] = x + y",
            "other constant": "out[:] = x * 2.0000000001 + y",
        },
        ["out"],
        facts=known("x", "y", "out"),
        policy=QUIET,
    ),
    Case(
        "loop variable read afterwards",
        "for i in range(len(x)):\n    out[i] = x[i] + y[i]",
        "out[:] = x + y\nif len(x):\n    i = len(x) - 1",
        {
            "missing": "out[:] = x + y",
            "off by one": "out[:] = x + y\nif len(x):\n    i = len(x)",
            "bound where the loop does not run": "out[:] = x + y\ni = len(x) - 1",
            "a NumPy int": "out[:] = x + y\nif len(x):\n    i = np.arange(len(x))[-1]",
        },
        ["out", "i"],
        facts=known("x", "y", "out"),
        policy=QUIET,
    ),
    Case(
        "wrapped index",
        "for i in range(len(x)):\n    out[i] = x[i] - x[i - 1]",
        "out[:] = x - np.roll(x, 1)",
        {
            "no wrap": "out[1:] = x[1:] - x[:-1]",
            "other direction": "out[:] = x - np.roll(x, -1)",
        },
        ["out"],
        facts=known("x", "out"),
        policy=QUIET,
    ),
    Case(
        "aliasing arguments",
        "for i in range(1, n):\n    out[i] = x[i - 1] + y[i]",
        "if np.may_share_memory(out, x) or np.may_share_memory(out, y):\n"
        "    for i in range(1, n):\n        out[i] = x[i - 1] + y[i]\n"
        "else:\n    out[1:] = x[:-1] + y[1:]",
        {"alias ignored": "out[1:] = x[:-1] + y[1:]"},
        ["out"],
        facts=known("x", "y", "out", shared=True) + size(),
        policy=QUIET,
    ),
    Case(
        "in-place stencil",
        "for i in range(1, len(x) - 1):\n    x[i] = 0.5 * (x[i - 1] + x[i + 1])",
        "t = x.tolist()\nfor i in range(1, len(t) - 1):\n    t[i] = 0.5 * (t[i - 1] + t[i + 1])\nx[:] = t",
        {"carried value ignored": "x[1:-1] = 0.5 * (x[:-2] + x[2:])"},
        ["x"],
        facts=known("x"),
        policy=QUIET,
    ),
    Case(
        "guarded sum",
        "s = 0.0\nfor i in range(n):\n    if x[i] > 0:\n        s += x[i]",
        "s = 0.0\nfor v in x[x > 0]:\n    s = s + v",
        {
            "guard dropped": "s = 0.0\nfor v in x:\n    s = s + v",
            "guard turned": "s = 0.0\nfor v in x[x < 0]:\n    s = s + v",
            "guard negated, NaN let in": "s = 0.0\nfor v in x[~(x <= 0)]:\n    s = s + v",
            "pairwise": "s = x[x > 0].sum() if (x > 0).any() else 0.0",
        },
        ["s"],
        facts=known("x") + size(),
        policy=QUIET,
    ),
    Case(
        "rounding sum",
        "s = 0.0\nfor i in range(len(x)):\n    s += x[i] * y[i]",
        "s = x @ y if len(x) else 0.0",
        {
            "weights forgotten": "s = x.sum() if len(x) else 0.0",
            "one term lost": "s = x[:-1] @ y[:-1] if len(x) else 0.0",
            "in single precision": "s = np.float64(x.astype('f4') @ y.astype('f4')) if len(x) else 0.0",
            "empty": "s = x @ y",
            "slightly biased": "s = (x @ y) * (1 + 1e-9) if len(x) else 0.0",
            "python float": "s = float(x @ y)",
        },
        ["s"],
        facts=known("x", "y"),
        policy={"strength": "rounding", "allow": [{"t": "warnings"}]},
    ),
    Case(
        "branches",
        "for i in range(n):\n    if x[i] < -1:\n        out[i] = -1.0\n    elif x[i] > 1:\n        out[i] = 1.0\n"
        "    else:\n        out[i] = x[i]",
        "out[:] = np.where(x < -1, -1.0, np.where(x > 1, 1.0, x))",
        {
            "branches swapped": "out[:] = np.where(x > 1, -1.0, np.where(x < -1, 1.0, x))",
            "NaN in the wrong branch": "out[:] = np.where(x < -1, -1.0, np.where(x <= 1, x, 1.0))",
            "else forgotten": "out[x < -1] = -1.0\nout[x > 1] = 1.0",
            "boundary moved": "out[:] = np.where(x < -1, -1.0, np.where(x > 1.0000001, 1.0, x))",
        },
        ["out"],
        facts=known("x", "out") + size(),
    ),
    Case(
        "one branch only",
        "for i in range(n):\n    if x[i] != 0:\n        out[i] = 1.0 / x[i]",
        "m = x != 0\nwith np.errstate(all='ignore'):\n    out[m] = 1.0 / x[m]",
        {
            "both branches computed": "with np.errstate(all='ignore'):\n    out[:] = np.where(x != 0, 1.0 / x, 0.0)",
            "guard dropped": "with np.errstate(all='ignore'):\n    out[:] = 1.0 / x",
        },
        ["out"],
        inputs=ARRAYS + "out = rng.normal(size=n)\n",
        facts=known("x", "out") + size(),
        policy=QUIET,
    ),
    Case(
        "new warnings",
        "for i in range(n):\n    out[i] = math.sqrt(x[i]) if x[i] > 0 else 0.0",
        "out[:] = 0.0\nm = x > 0\nout[m] = np.sqrt(x[m])",
        {"the other branch warns": "out[:] = np.where(x > 0, np.sqrt(x), 0.0)"},
        ["out"],
        facts=known("x", "out") + size(),
    ),
    Case(
        "integer buffer",
        "for i in range(n):\n    k[i] = x[i] * 3.0",
        "k[:] = x * 3.0",
        {
            "rounded": "k[:] = np.round(x * 3.0)",
            "rebound": "k = x * 3.0",
            "floor": "k[:] = np.floor(x * 3.0)",
        },
        ["k"],
        inputs=ARRAYS + "k = np.zeros(n, dtype=np.int64)\nx = x * 5\n",
        parameters=["x", "k", "n"],
        facts=known("x", "k") + [{"t": "finite", "name": "x"}, {"t": "value", "name": "x"}] + size(),
        policy=QUIET,
    ),
    Case(
        "result dtype",
        "r = np.zeros(n, dtype=np.float32)\nfor i in range(n):\n    r[i] = x[i]",
        "r = x.astype(np.float32)",
        {
            "double": "r = x.copy()",
            "a view": "r = x",
            "list": "r = x.astype(np.float32).tolist()",
            "two-dimensional": "r = x.astype(np.float32)[:, None]",
        },
        ["r"],
        facts=known("x") + size(),
        policy=QUIET,
    ),
    Case(
        "list stays a list",
        "r = []\nfor v in x:\n    r.append(v * v)",
        "r = list(x * x)",
        {
            "an array": "r = x * x",
            "Python floats": "r = (x * x).tolist()",
            "a tuple": "r = tuple(x * x)",
            "pow": "r = list(x ** 3 / x)",
        },
        ["r"],
        facts=known("x"),
        policy=QUIET,
    ),
    Case(
        "filter",
        "r = []\nfor v in x:\n    if v > 0.5:\n        r.append(v)",
        "r = list(x[x > 0.5])",
        {
            "boundary": "r = list(x[x >= 0.5])",
            "indices": "r = list(np.flatnonzero(x > 0.5))",
            "mask as ints": "r = list(x[(x > 0.5).astype(int)])",
            "sorted": "r = sorted(x[x > 0.5])",
        },
        ["r"],
        inputs=ARRAYS + "x[::3] = 0.5\n",
        facts=known("x"),
    ),
    Case(
        "store before an exception",
        "for i in range(n):\n    if x[i] < 0:\n        raise ValueError(f'negative at {i}')\n"
        "    out[i] = math.sqrt(x[i])",
        "bad = np.flatnonzero(x < 0)\nstop = int(bad[0]) if len(bad) else n\nout[:stop] = np.sqrt(x[:stop])\n"
        "if len(bad):\n    raise ValueError(f'negative at {stop}')",
        {
            "checked first": "bad = np.flatnonzero(x < 0)\nif len(bad):\n"
            "    raise ValueError(f'negative at {bad[0]}')\nout[:n] = np.sqrt(x)",
            "message lost": "bad = np.flatnonzero(x < 0)\nstop = int(bad[0]) if len(bad) else n\n"
            "out[:stop] = np.sqrt(x[:stop])\nif len(bad):\n    raise ValueError('negative')",
            "other type": "bad = np.flatnonzero(x < 0)\nstop = int(bad[0]) if len(bad) else n\n"
            "out[:stop] = np.sqrt(x[:stop])\nif len(bad):\n    raise ArithmeticError(f'negative at {stop}')",
            "not raised": "out[:n] = np.where(x < 0, 0.0, np.sqrt(np.abs(x)))",
        },
        ["out"],
        inputs=ARRAYS + "x = abs(x)\n",
        facts=known("x", "out") + size(),
        policy={"strength": "exact", "allow": [{"t": "names_after_exception"}]},
    ),
    Case(
        "index error half-way",
        "for i in range(n):\n    out[i] = x[i]",
        "if n <= len(x) and n <= len(out):\n    out[:n] = x[:n]\nelse:\n    for i in range(n):\n        out[i] = x[i]",
        {
            "short slice": "m = min(n, len(x), len(out))\nout[:m] = x[:m]",
            "all of it": "out[:] = x",
            "checked first": "if n > min(len(x), len(out)):\n    raise IndexError\nout[:n] = x[:n]",
        },
        ["out"],
        facts=[{"t": "type", "name": name} for name in ("x", "out", "n")]
        + [{"t": "unshared", "name": "x"}, {"t": "contiguous", "name": "out"}]
        + [{"t": "range", "name": "n", "lo": 0}],
    ),
    Case(
        "early exit",
        "hit = -1\nfor i in range(n):\n    if x[i] > 2.0:\n        hit = i\n        break",
        "m = x > 2.0\nhit = int(m.argmax()) if m.any() else -1",
        {
            "last hit": "m = np.flatnonzero(x > 2.0)\nhit = int(m[-1]) if len(m) else -1",
            "no hit forgotten": "hit = int((x > 2.0).argmax()) if len(x) else -1",
            "a NumPy int": "m = x > 2.0\nhit = m.argmax() if m.any() else -1",
        },
        ["hit"],
        inputs=ARRAYS + "x[40:] += 1.5\n",
        facts=known("x") + size(),
    ),
    Case(
        "sum until a break",
        "s = 0\nfor v in k:\n    if v == 7:\n        break\n    s += v",
        "k7 = k.index(7) if 7 in k else len(k)\ns = sum(k[:k7])",
        {
            "break ignored": "s = sum(k)",
            "break too late": "k7 = k.index(7) + 1 if 7 in k else len(k)\ns = sum(k[:k7])",
        },
        ["s"],
        inputs="k = [(3 * i + case) % 10 for i in range(30)]",
        parameters=["k"],
        facts=known("k"),
    ),
    Case(
        "arg max",
        "best, at = x[0], 0\nfor i in range(1, n):\n    if x[i] > best:\n        best, at = x[i], i",
        "t = np.where(np.isnan(x), -np.inf, x)\n"
        "at = 0 if np.isnan(x[0]) or x[0] == t.max() else int(t.argmax())\nbest = x[at]",
        {
            "last of the ties": "t = np.where(np.isnan(x), -np.inf, x)\n"
            "at = 0 if np.isnan(x[0]) else len(t) - 1 - int(t[::-1].argmax())\nbest = x[at]",
            "NaN wins": "at = int(x.argmax())\nbest = x[at]",
            "first not seen": "at = int(x[1:].argmax()) + 1 if len(x) > 1 else 0\nbest = x[at]",
        },
        ["best", "at"],
        inputs=ARRAYS + "x = np.round(x)\n",
        facts=known("x", empty=False) + size(low=1),
    ),
    Case(
        "maximum from zero",
        "best = 0.0\nfor v in x:\n    if v > best:\n        best = v",
        "p = x[x > 0.0]\nbest = p.max() if len(p) else 0.0",
        {
            "start forgotten": "best = x.max() if len(x) else 0.0",
            "of magnitudes": "p = abs(x[x != 0.0])\nbest = p.max() if len(p) else 0.0",
        },
        ["best"],
        facts=known("x"),
    ),
    Case(
        "signed zero",
        "for i in range(n):\n    out[i] = x[i] if x[i] > 0.0 else 0.0",
        "out[:] = np.where(x > 0.0, x, 0.0)",
        {"maximum": "out[:] = np.maximum(x, 0.0)", "product": "out[:] = x * (x > 0.0)"},
        ["out"],
        facts=known("x", "out") + size(),
    ),
    Case(
        "unbounded ints",
        "p = 1\nfor v in k:\n    p *= v",
        "p = math.prod(k)",
        {"int64": "p = int(np.prod(k, dtype=np.int64))", "NumPy int": "p = np.prod(k, dtype=object) if k else 1.0"},
        ["p"],
        inputs="k = [i + 2 for i in range(10)]",
        parameters=["k"],
        facts=known("k"),
    ),
    Case(
        "empty sum",
        "s = 0\nfor v in f:\n    s += v",
        "import functools\ns = functools.reduce(lambda a, b: a + b, f, 0)",
        {"float start": "s = 0.0\nfor v in f:\n    s += v", "fsum": "s = math.fsum(f) if f else 0"},
        ["s"],
        inputs="f = [0.1 * i + case for i in range(20)]",
        parameters=["f"],
        facts=known("f"),
    ),
    Case(
        "shortest wins",
        "r = [a * b for a, b in zip(f, g)]",
        "m = min(len(f), len(g))\nr = [f[i] * g[i] for i in range(m)]",
        {
            "first counts": "r = [f[i] * g[i] for i in range(len(f))]",
            "second counts": "r = [f[i] * g[i] for i in range(len(g))]",
        },
        ["r"],
        inputs="f = [0.1 * i + case for i in range(20)]\ng = [2.0 * i for i in range(20)]",
        parameters=["f", "g"],
        facts=known("f", "g", lengths=False),
    ),
    Case(
        "consumed iterator",
        "r = []\nfor v in it:\n    if v > 5:\n        break\n    r.append(v)",
        "r = []\nwhile (v := next(it, 6)) <= 5:\n    r.append(v)",
        {"all consumed": "r = [v for v in it if v <= 5]", "none consumed": "r = [0, 1, 2, 3, 4, 5]"},
        ["r"],
        inputs="it = iter(range(10))",
        parameters=["it"],
    ),
    Case(
        "random stream",
        "for i in range(n):\n    out[i] = rng.random()",
        "out[:] = rng.random(len(out))",
        {
            "drawn twice": "rng.random()\nout[:] = rng.random(len(out))",
            "drawn backwards": "out[::-1] = rng.random(len(out))",
            "one too many": "out[:] = rng.random(len(out) + 1)[:-1]",
            "normal": "out[:] = rng.normal(size=len(out))",
        },
        ["out"],
        parameters=["rng", "out", "n"],
        facts=known("out") + size(),
    ),
    Case(
        "conditional draws",
        "for i in range(n):\n    if x[i] > 0:\n        out[i] = np.random.random()",
        "m = x > 0\nout[m] = np.random.random(int(m.sum()))",
        {
            "drawn for all": "r = np.random.random(len(x))\nout[x > 0] = r[x > 0]",
            "another generator": "m = x > 0\nout[m] = np.random.default_rng(1).random(int(m.sum()))",
            "not drawn": "out[x > 0] = 0.5",
        },
        ["out"],
        facts=known("x", "out") + size(),
    ),
    Case(
        "printing",
        "s = 0\nfor i, v in enumerate(k):\n    s += v\n    if i % 10 == 0:\n        print(i, s)",
        "t = list(__import__('itertools').accumulate(k))\n"
        "for i in range(0, len(k), 10):\n    print(i, t[i])\ns = t[-1] if k else 0",
        {
            "lost": "s = sum(k)",
            "only the last": "s = sum(k)\nif k:\n    print(0, s)",
            "other order": "t = list(__import__('itertools').accumulate(k))\n"
            "for i in reversed(range(0, len(k), 10)):\n    print(i, t[i])\ns = t[-1] if k else 0",
        },
        ["s"],
        inputs="k = [(3 * i + case) % 10 for i in range(30)]",
        parameters=["k"],
        facts=known("k"),
        policy={"strength": "exact", "allow": [{"t": "name", "name": "i"}, {"t": "name", "name": "v"}]},
    ),
    Case(
        "rows of their own",
        "r = []\nfor i in range(n):\n    r.append([0.0] * 3)",
        "r = np.zeros((n, 3)).tolist()",
        {"one row n times": "r = [[0.0] * 3] * n", "ints": "r = np.zeros((n, 3), int).tolist()"},
        ["r"],
        parameters=["n"],
        facts=size(),
    ),
    Case(
        "views of the argument",
        "r = []\nfor i in range(len(a)):\n    r.append(a[i])",
        "r = list(a)",
        {"copies": "r = list(a.copy())", "reversed": "r = list(a[::-1])", "lists": "r = a.tolist()"},
        ["r"],
        inputs="a = np.ones((5 + case, 4))",
        parameters=["a"],
        facts=known("a"),
    ),
    Case(
        "a list changed in place",
        "for i in range(len(f)):\n    f[i] = f[i] * 2",
        "f[:] = [v * 2 for v in f]",
        {
            "a new list": "f = [v * 2 for v in f]",
            "an array": "f = np.array(f) * 2",
            "floats": "f[:] = (np.array(f) * 2.0).tolist()",
        },
        ["f"],
        inputs="f = [i + case for i in range(20)]",
        parameters=["f"],
        facts=known("f"),
    ),
    Case(
        "attributes",
        "for p in cloud.points:\n    p.x += p.v * dt\n    cloud.steps += 1",
        "v = [p.v * dt for p in cloud.points]\nfor p, d in zip(cloud.points, v):\n    p.x = p.x + d\n"
        "cloud.steps += len(cloud.points)",
        {
            "counter lost": "for p in cloud.points:\n    p.x += p.v * dt",
            "last point lost": "for p in cloud.points[:-1]:\n    p.x += p.v * dt\ncloud.steps += len(cloud.points)",
            "new points": "cloud.points = [Point(p.x + p.v * dt, p.v) for p in cloud.points]\n"
            "cloud.steps += len(cloud.points)",
        },
        [],
        module="class Point:\n    def __init__(self, x, v):\n        self.x, self.v = x, v\n"
        "class Cloud:\n    def __init__(self, points):\n        self.points, self.steps = points, 0\n",
        inputs="cloud = Cloud([Point(0.1 * i, 1.0 - 0.1 * i) for i in range(10)])\ndt = 0.01",
        parameters=["cloud", "dt"],
        facts=known("cloud", "dt", "cloud.points", "cloud.steps") + [{"t": "value", "name": "cloud.steps"}],
    ),
    Case(
        "histogram",
        "for v in x:\n    c[int(v)] += 1.0",
        "np.add.at(c, x.astype(int), 1.0)",
        {
            "duplicates lost": "c[x.astype(int)] += 1.0",
            "floor": "np.add.at(c, np.floor(x).astype(int), 1.0)",
            "rounded": "np.add.at(c, np.round(x).astype(int), 1.0)",
        },
        ["c"],
        inputs="x = np.random.default_rng(case).uniform(-3, 8, 50)\nc = np.zeros(10)",
        parameters=["x", "c"],
        facts=[*known("x", "c"), {"t": "value", "name": "x"}, {"t": "value", "name": "c"}],
    ),
    Case(
        "scatter",
        "for i in range(len(k)):\n    c[k[i]] = x[i]",
        "c[k] = x",
        {"first wins": "c[k[::-1]] = x[::-1]", "added": "np.add.at(c, k, x)", "gathered": "c[:] = x[k]"},
        ["c"],
        inputs="g = np.random.default_rng(case)\nk = g.integers(0, 10, 50)\nx = g.normal(size=50)\nc = np.zeros(50)",
        parameters=["x", "k", "c"],
        facts=[*known("x", "c", "k"), {"t": "range", "name": "k", "lo": 0, "hi": 0}],
    ),
    Case(
        "matrix product",
        "if len(A[0]) != len(B):\n    raise ValueError('shapes')\n"
        "C = []\nfor i in range(len(A)):\n    row = []\n    for j in range(len(B[0])):\n        s = 0.0\n"
        "        for k in range(len(B)):\n            s += A[i][k] * B[k][j]\n        row.append(s)\n    C.append(row)",
        CHECKED + "C = (np.array(A) @ np.array(B)).tolist()",
        {
            "transposed": CHECKED + "C = (np.array(A) @ np.array(B).T).tolist()",
            "other order": CHECKED + "C = (np.array(B) @ np.array(A)).tolist()",
            "elementwise": "C = (np.array(A) * np.array(B)).tolist()",
            "check dropped": "C = (np.array(A) @ np.array(B)).tolist()",
            "an array": CHECKED + "C = np.array(A) @ np.array(B)",
        },
        ["C"],
        inputs="A, B = np.random.default_rng(case).normal(size=(2, 12, 12)).tolist()",
        parameters=["A", "B"],
        facts=[{"t": kind, "name": name} for kind in ("type", "not_empty") for name in ("A", "B", "A[]", "B[]")]
        + [{"t": kind, "name": name} for kind in ("lengths",) for name in ("A[]", "B[]")],
        policy={"strength": "rounding", "allow": [{"t": "warnings"}, {"t": "names_after_exception"}]},
    ),
    Case(
        "heat step",
        "for i in range(1, u.shape[0] - 1):\n    for j in range(1, u.shape[1] - 1):\n"
        "        new[i, j] = u[i, j] + 0.1 * (u[i + 1, j] + u[i - 1, j] + u[i, j + 1] + u[i, j - 1] - 4.0 * u[i, j])",
        "new[1:-1, 1:-1] = u[1:-1, 1:-1] + 0.1 * (\n"
        "    u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4.0 * u[1:-1, 1:-1])",
        {
            "axes mixed up": "new[1:-1, 1:-1] = u[1:-1, 1:-1] + 0.1 * (\n"
            "    u[2:, 1:-1] + u[:-2, 1:-1] + u[2:, 1:-1] + u[:-2, 1:-1] - 4.0 * u[1:-1, 1:-1])",
            "border written": "new[:] = u + 0.1 * (\n    np.roll(u, -1, 0) + np.roll(u, 1, 0) + np.roll(u, -1, 1)"
            " + np.roll(u, 1, 1) - 4.0 * u)",
            "other order of additions": "new[1:-1, 1:-1] = u[1:-1, 1:-1] + 0.1 * (\n"
            "    u[:-2, 1:-1] + u[1:-1, 2:] + u[2:, 1:-1] + u[1:-1, :-2] - 4.0 * u[1:-1, 1:-1])",
            "in place": "u[1:-1, 1:-1] = u[1:-1, 1:-1] + 0.1 * (\n"
            "    u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4.0 * u[1:-1, 1:-1])\nnew[:] = u",
        },
        ["new"],
        inputs="g = np.random.default_rng(case)\nu = g.normal(size=(15, 20))\nnew = np.zeros((15, 20))",
        parameters=["u", "new"],
        facts=known("u", "new"),
        policy=QUIET,
    ),
    Case(
        "all of them",
        "ok = True\nfor v in x:\n    if v < 0:\n        ok = False",
        "ok = not bool((x < 0).any())",
        {
            "np.bool_": "ok = ~(x < 0).any()",
            "NaN": "ok = bool((x >= 0).all())",
            "any for all": "ok = bool((x >= 0).any()) or len(x) == 0",
        },
        ["ok"],
        inputs=ARRAYS + "x = abs(x)\n",
        facts=known("x"),
    ),
    Case(
        "early return",
        "for v in x:\n    if v > 100:\n        return True\nreturn False",
        "return bool((x > 100).any())",
        {"np.bool_": "return (x > 100).any()", "no return": "r = bool((x > 100).any())", "never": "return False"},
        [],
        facts=known("x"),
    ),
    Case(
        "globals of helpers",
        "for i in range(n):\n    out[i] = tally(x[i])",
        "out[:] = x * SCALE\ntally.__globals__['calls'] += len(x)",
        {
            "counter lost": "out[:] = x * SCALE",
            "counter off": "out[:] = x * SCALE\ntally.__globals__['calls'] += len(x) + 1",
            "scale taken for a constant": "out[:] = x * 2.5\ntally.__globals__['calls'] += len(x)",
        },
        ["out"],
        module="SCALE = 2.5\ncalls = 0\n\ndef tally(v):\n    global calls\n    calls += 1\n    return v * SCALE\n",
        facts=known("x", "out", "calls") + size(),
        policy=QUIET,
    ),
    Case(
        "attributes of a class",
        "for v in x:\n    m.feed(v)",
        "m.total += sum(x.tolist())\nMeter.fed += len(x)\nMeter.log.extend(x)",
        {
            "count lost": "m.total += sum(x.tolist())\nMeter.log.extend(x)",
            "log lost": "m.total += sum(x.tolist())\nMeter.fed += len(x)",
            "on the instance": "m.total += sum(x.tolist())\nm.fed += len(x)\nMeter.log.extend(x)",
        },
        [],
        module="class Meter:\n    fed = 0\n    log = []\n    def __init__(self):\n        self.total = 0.0\n"
        "    def feed(self, v):\n        Meter.fed += 1\n        self.log.append(v)\n        self.total += float(v)\n",
        inputs="m = Meter()\nx = np.arange(10.0)",
        parameters=["m", "x"],
        facts=[*known("x", "m", "Meter.fed", "Meter.log", "m.total"), {"t": "value", "name": "m.total"}],
    ),
    Case(
        "module level",
        "total = 0.0\nfor i in range(len(x)):\n    z[i] = x[i] + shift(i)\n    total = z[i]",
        "z[:] = x + np.arange(len(x)) * OFFSET\ntotal = z[-1] if len(z) else 0.0\nif len(x):\n    i = len(x) - 1",
        {
            "loop variable": "z[:] = x + np.arange(len(x)) * OFFSET\ntotal = z[-1] if len(z) else 0.0",
            "offset": "z[:] = x + np.arange(1, len(x) + 1) * OFFSET\ntotal = z[-1] if len(z) else 0.0\n"
            "if len(x):\n    i = len(x) - 1",
        },
        ["z", "total", "i"],
        module="OFFSET = 0.5\n\ndef shift(i):\n    return i * OFFSET\n",
        inputs=ARRAYS + "z = out\n",
        function="<module>",
        parameters=[],
        facts=[*known("x", "z"), {"t": "type", "name": "OFFSET"}],
        policy=QUIET,
    ),
    Case(
        "method",
        "for i in range(self.n):\n    self.__data[i] = self.scale * super().f(self.__data[i])",
        "self.__data[:] = self.scale * (self.__data + 1.0)",
        {
            "scale lost": "self.__data[:] = self.__data + 1.0",
            "super not called": "self.__data[:] = self.scale * self.__data",
            "rebound": "self.__data = self.scale * (self.__data + 1.0)",
        },
        [],
        module="class Base:\n    def f(self, v):\n        return v + 1.0\n\nclass Model(Base):\n"
        "    def __init__(self, n):\n        self.__data = np.arange(float(n))\n        self.n, self.scale = n, 0.3\n",
        inputs="self = Model(20 + case)",
        function="Model.region",
        parameters=["self"],
        facts=known("self._Model__data") + known("self.scale") + size("self.n"),
        policy=QUIET,
    ),
    Case(
        "unequal lengths",
        "for i in range(len(y)):\n    out[i] = x[i] * y[i]",
        "if len(y) <= len(x) and len(y) <= len(out):\n    out[:len(y)] = x[:len(y)] * y\n"
        "else:\n    for i in range(len(y)):\n        out[i] = x[i] * y[i]",
        {
            "broadcast": "out[:] = x * y",
            "shortest": "m = min(len(x), len(y), len(out))\nout[:m] = x[:m] * y[:m]",
            "one guard lost": "if len(y) <= len(x):\n    out[:len(y)] = x[:len(y)] * y\n"
            "else:\n    for i in range(len(y)):\n        out[i] = x[i] * y[i]",
        },
        ["out"],
        facts=known("x", "y", "out", lengths=False),
        policy=QUIET,
    ),
    Case(
        "read-only result",
        "r = np.empty((n, len(x)))\nfor i in range(n):\n    r[i] = x",
        "r = np.tile(x, (n, 1))",
        {"broadcast": "r = np.broadcast_to(x, (n, len(x)))", "transposed": "r = np.tile(x[:, None], (1, n))"},
        ["r"],
        facts=known("x") + size(),
    ),
    Case(
        "counting while",
        "t, steps = 0.0, 0\nwhile t < end:\n    t += dt\n    steps += 1",
        "t, steps = 0.0, 0\nwhile t < end:\n    t, steps = t + dt, steps + 1",
        {
            "computed": "steps = math.ceil(end / dt)\nt = steps * dt",
            "rounded down": "steps = int(end / dt)\nt = steps * dt",
        },
        ["t", "steps"],
        inputs="end, dt = 1.0 + case, 0.1",
        parameters=["end", "dt"],
        facts=[{"t": kind, "name": name} for kind in ("type", "value") for name in ("end", "dt")],
        policy=ROUNDING,
    ),
    Case(
        "arange dtype",
        "k = np.zeros(n, dtype=np.int8)\nfor i in range(n):\n    k[i] = i",
        "if n <= 128:\n    k = np.arange(n, dtype=np.int8)\nelse:\n"
        "    k = np.zeros(n, dtype=np.int8)\n    for i in range(n):\n        k[i] = i",
        {
            "wraps": "k = np.arange(n).astype(np.int8)",
            "wider": "k = np.arange(n, dtype=np.int16)",
        },
        ["k"],
        parameters=["n"],
        facts=size(),
        inputs="n = 90 + case",
    ),
    Case(
        "dict order",
        "d = {}\nfor w in words:\n    d[w] = d.get(w, 0) + 1",
        "import collections\nd = dict(collections.Counter(words))",
        {
            "sorted": "import collections\nd = dict(sorted(collections.Counter(words).items()))",
            "a Counter": "import collections\nd = collections.Counter(words)",
            "NumPy ints": "u, c = np.unique(words, return_counts=True)\nd = {w: k for w, k in zip(u.tolist(), c)}",
        },
        ["d"],
        inputs="words = ['b', 'a', 'c', 'a', 'b', 'b']",
        parameters=["words"],
    ),
]

WRONG = [pytest.param(case, text, id=f"{case.name}: {name}") for case in CASES for name, text in case.wrong.items()]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_the_same_text_and_a_right_one_pass(case: Case, tmp_path: Path) -> None:
    for text in (case.old, case.right):
        verdict = verify(tmp_path, case.region(), text)
        assert verdict["error"] is None
        assert verdict["agree"], verdict["differences"][:1]
        assert verdict["captured"]["run"] == case.cases
        assert verdict["hostile"]["run"] >= 100 or verdict["notes"]
        assert verdict["hostile"]["raised"] <= 0.7 * verdict["hostile"]["run"]


@pytest.mark.parametrize(("case", "text"), WRONG)
def test_a_wrong_one_is_caught(case: Case, text: str, tmp_path: Path) -> None:
    verdict = verify(tmp_path, case.region(), text)
    assert verdict["error"] is None
    assert not verdict["agree"]
    assert verdict["differences"]


PROGRAM = """
import numpy as np

def smooth(x, out, n):
    print("smoothing")
    for i in range(1, n - 1):
        out[i] = 0.25 * x[i - 1] + 0.5 * x[i] + 0.25 * x[i + 1]
    return out

x = np.arange(60_000.0) % 7
out = np.zeros(60_000)
smooth(x, out, 60_000)
total = 0.0
for v in out[:1000]:
    print(v)
    total = total + v
print(total)
"""
FAST = "if n > 2:\n    out[1:n - 1] = 0.25 * x[:n - 2] + 0.5 * x[1:n - 1] + 0.25 * x[2:n]"


def jobs_of(tmp_path: Path, program: str = PROGRAM) -> list[Json]:
    """A job for each loop of a program, from what a watched run of it captured."""
    script = worker.write(tmp_path, "program.py", program)
    found = worker.loops(script)
    report = worker.watch(tmp_path, worker.program(script), found)
    jobs = []
    for spec, watched in zip(found, report["regions"]):
        lines = script.read_text().splitlines()[spec["start"]["line"] - 1 : spec["end"]["line"]]
        captures = [
            {"path": str(tmp_path / "job" / "captures" / capture["file"]), "seconds": capture["seconds"]}
            for capture in watched["captures"]
        ]
        jobs.append(
            {
                "region": spec["id"],
                "old": textwrap.dedent("\n".join(lines)),
                "module": {
                    "file": str(script),
                    "project_root": str(tmp_path),
                    "function": spec["function"],
                    "line": spec["start"]["line"],
                },
                "module_level": spec["function"] == "<module>",
                "live_in": spec["live_in"],
                "binds": spec["binds"],
                "returns": spec["returns"],
                "live_out": ["total"] if spec["function"] == "<module>" else [],
                "captures": captures,
                "proven": known("x", "out") + size(),
                "hostile": 40,
            }
        )
    return jobs


def answers(tmp_path: Path, jobs: list[Json]) -> list[Json]:
    lines = "".join(json.dumps(job) + "\n" for job in jobs)
    out, err, code = worker.worker("verify", tmp_path / "job", lines.encode())
    assert code == 0, err.decode()
    return [json.loads(line) for line in out.splitlines()]


def test_the_worker_answers_job_by_job(tmp_path: Path) -> None:
    stencil, loop = jobs_of(tmp_path)
    right = {**stencil, "new": FAST, "time": True}
    wrong = {**stencil, "new": FAST.replace("0.5 * x[1:n - 1]", "0.5 * x[:n - 2]")}
    same = {**loop, "new": loop["old"]}
    quiet = {**loop, "new": loop["old"].replace("print(v)", "pass")}
    unreadable = {**loop, "new": "for v in"}
    verdicts = answers(tmp_path, [right, wrong, same, quiet, unreadable])
    assert [verdict["agree"] for verdict in verdicts] == [True, False, True, False, False], verdicts
    assert verdicts[0]["new_seconds"] < verdicts[0]["old_seconds"]
    assert verdicts[1]["differences"][0]["path"].startswith("out[")
    assert verdicts[3]["differences"][0]["kind"] == "output"
    assert "SyntaxError" in verdicts[4]["error"]


def test_a_long_execution_is_not_repeated(tmp_path: Path) -> None:
    # On a busy machine what an execution left behind may cost too much to be kept, so it is tried again.
    for attempt in range(8):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        stencil, _ = jobs_of(folder, PROGRAM.replace("60_000", "400_000"))
        captured = Path(stencil["captures"][0]["path"] + ".after")
        if captured.exists():
            break
    assert captured.exists()
    # So little time that the captured execution counts as long, and so long a text that running it would show.
    hurried = {**stencil, "budget_seconds": 0.1, "hostile": 0, "time": True}
    slow = "import time\ntime.sleep(5)\n"
    right = {**hurried, "old": slow + stencil["old"], "new": FAST}
    wrong = {**hurried, "old": slow + stencil["old"], "new": FAST.replace("0.25 * x[2:n]", "0.26 * x[2:n]")}
    began = time.perf_counter()
    verdicts = answers(tmp_path, [right, wrong])
    assert time.perf_counter() - began < 5
    assert [verdict["agree"] for verdict in verdicts] == [True, False], verdicts
    assert verdicts[0]["old_seconds"] == stencil["captures"][0]["seconds"]


ENDINGS = """
import sys, time

def first_above(x, limit):
    for i in range(len(x)):
        time.sleep(0.01)
        print("a warning of sorts", file=sys.stderr)
        if x[i] > limit:
            return i, x
    return None

def checked(x, out):
    for i in range(len(x)):
        time.sleep(0.01)
        if x[i] < 0:
            raise ValueError(f"negative at {i}")
        out[i] = x[i] + 1

data = [1.0, 2.0, 3.0, -4.0]
print(first_above(data, 2.5))
try:
    checked(data, [0.0] * 4)
except ValueError as error:
    print(error)
"""
FOUND = "for i in range(len(x)):\n    if x[i] > limit:\n        return i, x"
CHECKED = (
    "for i in range(len(x)):\n    if x[i] < 0:\n        raise ValueError(f'negative at {i}')\n    out[i] = x[i] + 1"
)


def test_what_was_returned_or_raised_is_not_repeated(tmp_path: Path) -> None:
    found, checked = jobs_of(tmp_path, ENDINGS)
    checked["captures"][0]["raised"] = True
    jobs = []
    for job, right in ((found, FOUND), (checked, CHECKED)):
        # The captured execution counts as long, and running the old text again would show.
        hurried = {**job, "old": "time.sleep(5)\n" + job["old"], "budget_seconds": 0.1, "hostile": 0, "live_out": []}
        jobs += [{**hurried, "new": right}]
        wrong = [("i, x", "i, x[:]"), ("> limit", ">= limit + 1"), ("    return i, x", "    pass")]
        if job is checked:
            wrong = [("at {i}", "in {i}"), ("ValueError", "TypeError"), ("x[i] + 1", "x[i]"), ("raise", "pass #")]
        jobs += [{**hurried, "new": right.replace(*change)} for change in wrong]
    began = time.perf_counter()
    verdicts = answers(tmp_path, jobs)
    assert time.perf_counter() - began < 5
    kinds = [verdict["differences"][0]["kind"] if verdict["differences"] else verdict["agree"] for verdict in verdicts]
    expected = [
        True,
        "sharing",
        "exception",
        "exception",
        True,
        "exception_message",
        "exception",
        "argument",
        "exception",
    ]
    assert kinds == expected, verdicts
