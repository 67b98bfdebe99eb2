"""Loops that are part liftable and part not: prints, calls of unknown code, recurrences and exceptions among maps.

Which part may leave the loop is open; whatever does, nobody may be able to tell.
"""

from __future__ import annotations

from random import Random

from mixtures import indented
from shapes import OPEN, condition, expression, kind

# Code that the engine does not look through, and what it can reach.
HELPERS = """
calls = []
scale = 1.5
board = np.zeros(4)


def reached():
    return list(calls), scale, board.copy()


def note(value, **more):
    calls.append(str(value)[:6])
    return len(calls)


def touch(values, k, **more):
    calls.append(k)
    if k % 3 == 1 and len(values) > 0:
        values[k % len(values)] += 1.0
    return float(k)


def rescale(k, **more):
    global scale
    scale = scale + 0.25 * k
    return scale


def stop_at(k, last, **more):
    if k == last:
        raise KeyError(k)
    return k
"""
RETURNED = ["out, acc, s, c, rows, texts", "out, acc", "out, rows, texts", "s, c, out"]
PLACES = ["i", "i", "i", "i", "i - 1", "i + 1", "-1", "0"]


class Mixed:
    """Statements of a loop over `i` on the live-ins `x` and `y` and the arrays `out` and `acc` of the function."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.bound = ["s", "c"]
        self.arrays = ["x", "x", "y", "out", "out", "acc"]

    def load(self) -> str:
        return f"{self.rng.choice(self.arrays)}[{self.rng.choice(PLACES)}]"

    def value(self, depth: int = 2) -> str:
        rng = self.rng
        atoms = [f"{rng.choice(['x', 'y', 'out'])}[i]", f"x[{rng.choice(PLACES[:6])}]", rng.choice(self.bound)]
        first = rng.choice([atoms[0], atoms[0], self.load()])
        return expression(rng, [first, *atoms], rng.randint(0, depth))

    def statement(self, depth: int) -> list[str]:
        rng = self.rng
        form = rng.randrange(16)
        if form < 4:
            return [f"{rng.choice(['out', 'out', 'acc', 'y'])}[i] = {self.value(3)}"]
        if form == 4:
            return [f"acc[i] = acc[i - 1] * 0.5 + {self.value()}"]
        if form == 5:
            self.bound.append("t")
            return [f"t = {self.value(3)}"]
        if form == 6:
            return [f"s = s * 0.5 + {self.value()}"]
        if form == 7:
            return [rng.choice(["s += x[i]", "c += 1", "c += 2", "s = x[i]", f"s += {self.value()}"])]
        if form == 8:
            return [f"print({rng.choice(['i', 's', 'out[i]', 'acc[i], i', 'x[i - 1]', 'c', 'out[-1]', 'out'])})"]
        if form == 9:
            shown = rng.choice(["i", "c", "len(out)"])
            return [f'print("%d %s" % ({shown}, {rng.choice(["repr(float(out[i]))", "x[i] > 0.0", "str(i)"])}))']
        if form == 10:
            return [f"rows.append({self.value()})"]
        if form == 11:
            return [f"texts.append(repr({rng.choice(['i', 'float(x[i])', 'float(out[i])', 'c'])}))"]
        if form == 12:
            return [
                rng.choice(["note(i, **{})", "c = note(out[i], **{})", "note(s, **{})", "texts.append(note(i, **{}))"])
            ]
        if form == 13:
            return [
                rng.choice(
                    ["touch(out, i, **{})", "touch(y, i, **{})", "touch(board, i, **{})", "s = rescale(i, **{})"]
                )
            ]
        if form == 14:
            return [rng.choice(["stop_at(i, 5, **{})", "if x[i] > 3.0:\n    raise ValueError(i)", "assert i != 7"])]
        if depth == 0:
            return [f"out[i] = {self.value(3)}"]
        bound = list(self.bound)
        lines = [f"if {condition(rng, ['i', 'x[i]', 'y[i]', 's', 'out[i]'])}:", *indented(self.block(depth - 1))]
        self.bound = list(bound)
        if rng.random() < 0.3:
            lines += ["else:", *indented(self.block(depth - 1))]
            self.bound = bound
        return lines

    def block(self, depth: int) -> list[str]:
        lines = [line for _ in range(self.rng.randint(1, 2)) for line in self.statement(depth)]
        return [line for text in lines for line in text.split("\n")]


def program(rng: Random, lines: list[str], head: str) -> str:
    return "\n".join(
        [
            HELPERS.strip("\n"),
            "",
            "",
            "def kernel(x, y):",
            # Memory of the function's own, which nobody else reaches.
            f"    x = {rng.choice(['x', 'x.copy()', 'x.copy()'])}",
            f"    y = {rng.choice(['y', 'y.copy()', 'y + 0.0'])}",
            "    n = len(x)",
            f"    out = {rng.choice(['np.zeros(n)', 'np.zeros(n)', 'np.ones(n)', 'x.copy()', 'x * 2.0'])}",
            f"    acc = {rng.choice(['np.zeros(n)', 'np.zeros(n)', '[0.0] * n', 'y'])}",
            "    rows = []",
            "    texts = []",
            f"    s = {rng.choice(['0.0', '1.0', '0'])}",
            "    c = 0",
            f"    for {head}:",
            *indented(indented(lines)),
            f"    return {rng.choice(RETURNED)}, reached()",
        ]
    )


@kind(OPEN)
def partly_liftable(rng: Random) -> tuple[str, str]:
    body = Mixed(rng)
    lines = [line for _ in range(rng.randint(2, 4)) for text in body.statement(1) for line in text.split("\n")]
    head = "i in " + rng.choice(
        ["range(n)", "range(n)", "range(1, n)", "range(n - 1)", "range(0, n, 2)", "range(n - 1, 0, -1)"]
    )
    return "x=f64[n], y=f64[n], n=0..16", program(rng, lines, head)


@kind(OPEN)
def partly_liftable_over_values(rng: Random) -> tuple[str, str]:
    value = expression(rng, ["v", "y[i]"], rng.randint(1, 3))
    stays = rng.choice(
        [
            ["if i % 3 == 0:", "    print(i, v)"],
            ["if i % 4 == 1:", '    print(f"{i}: {out[i]:.4f}")'],
            ["s = s * 0.25 + out[i]"],
            ["s = s * 0.25 + t", "rows.append(s)"],
            ["texts.append(repr(t))"],
            ["texts.append(note(i, **{}))"],
            ["print(last)", "last = t"],
            ["acc[i] = acc[i - 1] - t"],
            ["stop_at(i, 9, **{})"],
        ]
    )
    moves = rng.choice([["out[i] = t"], ["out[i] = t * v"], ["out[i] = t", "c += 1"], ["rows.append(t)"], ["y[i] = t"]])
    together = [*moves, *stays] if rng.random() < 0.7 else [*stays, *moves]
    lines = [f"t = {value}", *together]
    text = program(rng, lines, "i, v in enumerate(x)").replace("    c = 0\n", "    c = 0\n    last = 0.0\n", 1)
    return "x=f64[n], y=f64[n], n=0..16", text


@kind(OPEN)
def prints_in_a_plane(rng: Random) -> tuple[str, str]:
    inner = rng.choice(
        [
            f"out[i, j] = {expression(rng, ['a[i, j]', 'w[j]'], 2)}",
            f"tot[i] += {expression(rng, ['a[i, j]', 'w[j]'], 1)}",
            f"s += {expression(rng, ['a[i, j]', 'w[i]'], 1)}",
        ]
    )
    shown = rng.choice(["i", "i, tot[i]", "s", "out[i, 0]", "w[i]"])
    text = f"""
def kernel(a, w):
    n = len(w)
    out = np.zeros((n, n))
    tot = np.zeros(n)
    s = 0.0
    for i in range(n):
        {rng.choice(["pass", "s = 0.0", "tot[i] = 0.0"])}
        for j in range(n):
            {inner}
        if i % {rng.randint(1, 3)} == 0:
            print({shown})
    return out, tot, s
"""
    return "a=f64[n, n], w=f64[n], n=0..6", text
