"""What loops store to arrays: right rewrites as slices, masks and NumPy's functions, and wrong ones."""

from __future__ import annotations

from planted.case import ARRAYS, QUIET, Case, known, size

SAME_SHAPES = "if len(A[0]) != len(B):\n    raise ValueError('shapes')\n"

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
        "signed zero",
        "for i in range(n):\n    out[i] = x[i] if x[i] > 0.0 else 0.0",
        "out[:] = np.where(x > 0.0, x, 0.0)",
        {"maximum": "out[:] = np.maximum(x, 0.0)", "product": "out[:] = x * (x > 0.0)"},
        ["out"],
        facts=known("x", "out") + size(),
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
        SAME_SHAPES + "C = (np.array(A) @ np.array(B)).tolist()",
        {
            "transposed": SAME_SHAPES + "C = (np.array(A) @ np.array(B).T).tolist()",
            "other order": SAME_SHAPES + "C = (np.array(B) @ np.array(A)).tolist()",
            "elementwise": "C = (np.array(A) * np.array(B)).tolist()",
            "check dropped": "C = (np.array(A) @ np.array(B)).tolist()",
            "an array": SAME_SHAPES + "C = np.array(A) @ np.array(B)",
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
]
