"""Lists, dicts, rows and iterators: what an object is counts, not only what it holds."""

from __future__ import annotations

from planted.case import ARRAYS, QUIET, Case, known, size

CASES = [
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
