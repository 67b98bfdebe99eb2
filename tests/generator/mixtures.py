"""Programs put together at random from statements, with no pattern in mind; whether they are lifted is open."""

from __future__ import annotations

from random import Random

from shapes import OPEN, condition, expression, kind, number

INDEX = ["i", "i", "i", "i", "i - 1", "i + 1", "0", "-1", "n - 1 - i", "-i - 1"]


class Body:
    """Statements of a loop over `i`, on the arrays `x`, `y` and `out`, with scalars `s`, `t` and `c`."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        # Scalars that hold something for certain.
        self.bound = ["s", "c"]

    def atom(self) -> str:
        rng = self.rng
        if rng.random() < 0.25:
            return rng.choice([*self.bound, "i"])
        return f"{rng.choice(['x', 'x', 'y', 'out'])}[{rng.choice(INDEX)}]"

    def value(self) -> str:
        rng = self.rng
        return expression(rng, [self.atom(), rng.choice(["x[i]", "y[i]"])], rng.randint(0, 2))

    def statement(self, depth: int) -> list[str]:
        rng = self.rng
        form = rng.randrange(9)
        if form < 3:
            return [f"{rng.choice(['out', 'out', 'x', 'y'])}[{rng.choice(INDEX[:6])}] = {self.value()}"]
        if form == 3:
            return [f"out[i] {rng.choice(['+=', '-=', '*='])} {self.value()}"]
        if form == 4:
            self.bound.append("t")
            return [f"t = {self.value()}"]
        if form == 5:
            return [f"s {rng.choice(['+=', '+=', '*=', '='])} {self.value()}"]
        if form == 6:
            return [f"c += {rng.choice(['1', '1', '2', 'i'])}"]
        if depth == 0:
            return [f"out[i] = {self.value()}"]
        bound = list(self.bound)
        lines = [f"if {condition(rng, [self.atom(), 'x[i]'])}:", *indented(self.block(depth - 1))]
        self.bound = list(bound)
        if rng.random() < 0.5:
            lines += ["else:", *indented(self.block(depth - 1))]
            self.bound = bound
        return lines

    def block(self, depth: int) -> list[str]:
        return [line for _ in range(self.rng.randint(1, 2)) for line in self.statement(depth)]


def indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


@kind(OPEN)
def anything(rng: Random) -> tuple[str, str]:
    body = Body(rng)
    lines = [line for _ in range(rng.randint(1, 3)) for line in body.statement(2)]
    head = rng.choice(["range(n)", "range(n)", "range(1, n)", "range(n - 1)", "range(1, n - 1)", "range(0, n, 2)"])
    text = [
        "def kernel(x, y):",
        "    n = len(x)",
        f"    out = {rng.choice(['np.zeros(n)', 'np.ones(n)', 'x.copy()', 'np.zeros(n)', 'x'])}",
        f"    s = {rng.choice(['0.0', '0.0', '1.0', '0'])}",
        "    c = 0",
        f"    for i in {head}:",
        *indented(indented(lines)),
        f"    return {rng.choice(['out, s, c', 'out', 'out, s', 's, c', 'x, y, out'])}",
    ]
    return "x=f64[n], y=f64[n], n=0..16", "\n".join(text)


@kind(OPEN)
def anything_in_a_plane(rng: Random) -> tuple[str, str]:
    places = ["a[i, j]", "a[i, j]", "b[i, j]", "w[j]", "w[i]", "b[j, i]", "a[i - 1, j]", "a[i, j - 1]", "a[i + 1, j]"]
    stores = ["out[i, j]", "out[i, j]", "out[j, i]", "tot[i]", "tot[j]", "s", "a[i, j]", "w[j]"]
    lines = []
    for _ in range(rng.randint(1, 2)):
        atoms = [rng.choice(places), rng.choice(places[:6])]
        sign = rng.choice(["=", "+=", "+=", "-="])
        lines.append(f"{rng.choice(stores)} {sign} {expression(rng, atoms, rng.randint(0, 1))}")
        if rng.random() < 0.25:
            lines[-1:] = [f"if {condition(rng, ['a[i, j]', 'i', 'j'])}:", f"    {lines[-1]}"]
    rows = rng.choice(["range(n)", "range(n)", "range(1, n)", "range(n - 1)"])
    columns = rng.choice(["range(n)", "range(n)", "range(1, n)", "range(i)", "range(i, n)", "range(n - 1)"])
    text = [
        "def kernel(a, b, w):",
        "    n = len(w)",
        f"    out = {rng.choice(['np.zeros((n, n))', 'np.zeros(a.shape)', 'a.copy()'])}",
        "    tot = np.zeros(n)",
        "    s = 0.0",
        f"    for i in {rows}:",
        f"        for j in {columns}:",
        *indented(indented(indented(lines))),
        "    return out, tot, s",
    ]
    return "a=f64[n, n], b=f64[n, n], w=f64[n], n=0..6", "\n".join(text)


@kind(OPEN)
def anything_in_lists(rng: Random) -> tuple[str, str]:
    t = rng.choice(["f64", "i64"])
    value = rng.choice(["v", "v * 2", "v + w", "v * w", "v - 0.5", "i", "v if v > w else w", "v / 4", "-v", "v ** 2"])
    test = rng.choice(["", f"if {condition(rng, ['v', 'w'], joined=False)}:"])
    action = rng.choice([f"out.append({value})", f"s += {value}", f"out.append({value})", f"out.append([{value}, w])"])
    tail = rng.choice(["out", "np.array(out)", "out, s", "len(out), s", "np.array(out), s, out"])
    text = [
        "def kernel(x, y):",
        "    out = []",
        f"    s = {rng.choice(['0', '0.0'])}",
        rng.choice(["    for i, (v, w) in enumerate(zip(x, y)):", "    for i in range(len(x)):"]),
        f"        {test}",
        f"            {action}" if test else f"        {action}",
        f"    return {tail}",
    ]
    if "range" in text[3]:
        text[4:4] = ["        v = x[i]", "        w = y[i]"]
    return f"x=list[{t}][n], y=list[{t}][n], n=0..12", "\n".join(line for line in text if line.strip())


@kind(OPEN)
def methods(rng: Random) -> tuple[str, str]:
    rounds = rng.choice(["thing.work()", "for step in range(3):\n        thing.work()"])
    text = f"""
class Thing:
    def __init__(self, x, k):
        self.x = x
        self.k = k
        self.total = 0.0

    def work(self):
        for i in range(len(self.x)):
            {
        rng.choice(
            [
                "self.x[i] = self.x[i] * self.k",
                "self.total += self.x[i]",
                "self.x[i] += self.k * i",
                "self.k = self.k * 0.5 + self.x[i]",
            ]
        )
    }
            {rng.choice(["pass", "self.x[i] = abs(self.x[i])", "self.total += self.k"])}


def kernel(x, k):
    thing = Thing(x, k)
    {rounds}
    return thing.x, thing.k, thing.total
"""
    return "x=f64[n], k=float, n=0..12", text


@kind(OPEN)
def several_loops(rng: Random) -> tuple[str, str]:
    text = f"""
def kernel(x, y):
    n = len(x)
    t = [0.0] * n
    for i in range(n):
        t[i] = {expression(rng, ["x[i]", "y[i]"], 1)}
    out = np.zeros(n)
    for i in range({rng.choice(["n", "1, n", "n - 1"])}):
        out[i] = {expression(rng, ["t[i]", rng.choice(["x[i]", "out[i]", "t[i - 1]"])], 1)}
    s = {rng.choice(["0.0", "0", "out.sum()"])}
    for v in {rng.choice(["out", "t", "x"])}:
        if {condition(rng, ["v"], joined=False)}:
            s += v
    return {rng.choice(["out, s", "t, s", "out, t, s"])}
"""
    return "x=f64[n], y=f64[n], n=0..16", text


@kind(OPEN)
def contractions(rng: Random) -> tuple[str, str]:
    left = rng.choice(["a[i, k]", "a[k, i]", "a[i, j]", "a[k, j]"])
    right = rng.choice(["b[k, j]", "b[j, k]", "b[i, j]", "b[k, k]", "w[k]", "w[k] * b[k, j]", number(rng)])
    sign = rng.choice(["+=", "+=", "+=", "-="])
    text = f"""
def kernel(a, b, w):
    n = len(w)
    c = {rng.choice(["np.zeros((n, n))", "np.ones((n, n))", "np.zeros((n, n), dtype=a.dtype)"])}
    for i in range(n):
        for j in range(n):
            for k in range({rng.choice(["n", "n", "1, n", "i", "j + 1"])}):
                c[i, j] {sign} {left} * {right}
    return c
"""
    t = rng.choice(["f64", "f64", "f32", "i64", "i32"])
    return f"a={t}[n, n], b={t}[n, n], w={t}[n], n=0..6", text
