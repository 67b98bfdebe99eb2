"""What loops carry from one iteration to the next, and what they leave behind: sums, extrema, counters, exits."""

from __future__ import annotations

from planted.case import ARRAYS, QUIET, ROUNDING, Case, known, size

CASES = [
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
]
