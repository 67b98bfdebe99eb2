"""Random functions of arrays, ints and floats: what a program is written of.

    writer = Writer(seed)
    writer.program()                    the text of a module with a function `f`
    writer.arguments(kind, draw)        what it is called with: types and layouts hang on the kind, numbers on both

Loops of all kinds, branches, subscripts that may be out of range, ints that grow beyond 64 bits, divisors that may be
zero, array expressions, exceptions, returns from anywhere. What is written more often than elsewhere, `likes` says;
`topics.py` has a writer for each kind of program.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import layouts

INTS = ["i", "j", "k", "n"]
FLOATS = ["s", "t", "u"]
BIG = [2**31, 2**62, -(2**63), 2**63 - 1, 2**63 - 2, 2**32, 10**18, 3037000500]
ARRAYS = [
    "x + s",
    "x * 2.0",
    "x - x[0]",
    "x * x",
    "np.abs(x)",
    "x[::-1] + 1.0",
    "np.zeros(len(x))",
    "x + y[:len(x)]",
    "x / (x + 1.0)",
    "np.where(x > s, x, 0.0)",
    "x.copy()",
    "m[0][:len(x)]",
    "np.minimum(x, t)",
    "np.sqrt(np.abs(x))",
    "np.ones(len(x)) * s",
    "x[1:]",
    "np.cumsum(x)",
    "np.roll(x, i % 4)",
    "np.flip(x)",
    "np.arange(len(x)) * s",
    "np.linspace(s, t, 5)",
    "np.concatenate((x[1:], x[:1]))",
    "np.append(x[1:], t)",
    "np.repeat(x, 2)[::2]",
    "np.maximum.accumulate(x)",
    "np.clip(x, -1.0, t)",
    "m.ravel()[:len(x)]",
    "m.T.reshape(-1)[:len(x)]",
    "np.array([s, t, u, 1.0])",
    "np.pad(x, 1)[:-2]",
    "np.add(x, t, out=x)",
    "np.array([v * s for v in x])",
]
PICKS = [
    "x[x > s]",
    "x[[0, 2, -1]]",
    "np.take(x, np.arange(3))",
    "x[y % len(x)]",
    "x[np.arange(len(x)) % 3]",
    "m[y % 3, 1]",
    "x[y]",
    "m[y % 3].ravel()[:6]",
    "m[:, y % 2][0]",
    "x[y[:3] - 1]",
    "m[m > s][:6]",
    "x[np.flatnonzero(x > s)]",
    "m[[0, 1], [1, k]]",
    "m[i, [0, 2]]",
    "m[1:, y % 3][0]",
    "m[y[:2, None] % 3, y[:3] % 4][0]",
    "x[x > s][::-1]",
    "np.take(m, y % 3, axis=1)[0]",
]
UPDATES = [
    "x[1:] = x[:-1]",
    "x[:] = x * 2.0",
    "m[:, 0] = s",
    "m[1] += m[0]",
    "x += 1.0",
    "x *= t",
    "y += 1",
    "x[1:-1] = x[2:] + x[:-2]",
    "m[1:, 1:] = m[:-1, :-1]",
    "np.multiply(x, t, out=x)",
    "np.maximum(x, s, out=x, where=x < t)",
    "x[:] = np.roll(x, 1)",
    "m[:] = np.roll(m, 1, axis=0) + m",
    "x.fill(t)",
    "x[:] = m[0, :len(x)]",
    "m[0, :3] = x[:3]",
    "x[::-1] += x",
    "m[:, ::2] *= t",
    "x[i:] = s",
    "x[:j] += x[-j:]",
]
PLACED = [
    "np.add.at(x, y % 4, 1.0)",
    "x[y % 4] += s",
    "x[x < 0.0] = t",
    "y[y > 2] -= 1",
    "x[[0, -1]] = x[[1, 2]]",
    "m[y % 3] = m[0]",
    "x[y] = s",
    "m[y % 3, 0] = x[0]",
    "m[m > t] = s",
    "x[y % 5] = x[:len(y)]",
    "m[:, [0, 1]] = m[:, [1, 0]]",
    "np.subtract.at(x, y % 3, s)",
    "x[np.arange(3)] *= x[:3]",
    "m[y > 1] = 0.0",
    "y[y % 3] = y",
]
HEADERS = [
    "for i in range({bound}):",
    "for j in range(1, 4):",
    "for j in range(len(y) - 1, -1, -1):",
    "for s in x:",
    "for i in range(len(x) - 1):",
    "for k in y:",
    "for i, s in enumerate(x):",
    "for s, t in zip(x, m[0]):",
    "for k in range(0, n % 6, 2):",
    "for s in m[0]:",
    "for s in x[::-1]:",
    "for _ in range(2):",
]
INDICES = ["i", "j", "k % 5", "i % 4", "0", "-1", "i + 1", "i - 1", "n", "(i + j) % 6"]
DEEPEST = 3

Options = list[tuple[str, int, Callable[[], Any]]]


class Writer:
    """Writes one program."""

    headers: Sequence[str] = HEADERS
    indices: Sequence[str] = INDICES
    arrays: Sequence[str] = ARRAYS
    updates: Sequence[str] = UPDATES
    # How much more often than usual something is written.
    likes: ClassVar[dict[str, float]] = {}
    # How many statements a program has, at the least and at the most.
    size = (2, 5)
    layouts = layouts.USUAL

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.random = random.Random(seed)

    def one(self, *options: str) -> str:
        return self.random.choice(options)

    def pick(self, options: Options) -> Any:
        weights = [weight * self.likes.get(name, 1.0) for name, weight, _ in options]
        [(_, _, chosen)] = self.random.choices(options, weights)
        return chosen()

    def int(self, depth: int = 2) -> str:
        if depth == 0:
            return self.one(*INTS)
        a, b = self.int(depth - 1), self.int(depth - 1)
        literal = self.one("0", "1", "2", "3", "5", "-1", "-2", "7", "1000000", *map(str, BIG))
        return self.pick(
            [
                ("name", 35, lambda: self.one(*INTS)),
                ("literal", 15, lambda: literal),
                ("sum", 25, lambda: f"({a} {self.one('+', '-')} {b})"),
                ("product", 5, lambda: f"({a} * {self.one('2', '3', '-1', '1000', str(2**20), 'n')})"),
                ("quotient", 8, lambda: f"({a} {self.one('//', '%')} {self.one('2', '3', '-3', b)})"),
                ("abs", 3, lambda: f"abs({a})"),
                ("len", 2, lambda: f"len({self.one('x', 'y', 'm')})"),
                ("bits", 2, lambda: f"({a} {self.one('&', '|', '^')} {b})"),
                ("choice", 2, lambda: f"({a} if {self.condition(1)} else {b})"),
                ("least", 2, lambda: f"{self.one('min', 'max')}({a}, {b})"),
                ("minus", 1, lambda: f"{self.one('-', '~')}{a}"),
                (
                    "shift",
                    1,
                    lambda: f"({a} {self.one('<<', '>>')} {self.one('1', '3', '62', 'i % 66', '-1', 'k % 70')})",
                ),
                ("power", 1, lambda: f"({a} ** {self.one('2', '3', '(j % 4)', '0', '-1')})"),
                ("divmod", 1, lambda: f"divmod({a}, {self.one('3', '-2', b)})[{self.one('0', '1')}]"),
                ("cut", 1, lambda: f"{self.one('int', 'round')}({self.float(1)})"),
                ("size", 1, lambda: self.one("x.size", "m.shape[1]", "m.ndim", "int(x.argmax())", "len(m[0])")),
            ]
        )

    def float(self, depth: int = 2) -> str:
        if depth == 0:
            return self.one(*FLOATS)
        a, b = self.float(depth - 1), self.float(depth - 1)
        return self.pick(
            [
                ("name", 30, lambda: self.one(*FLOATS)),
                ("literal", 10, lambda: self.one("0.0", "1.5", "-2.25", "1e300", "0.1", "1e-5", "-0.0")),
                ("element", 10, lambda: f"x[{self.one(*self.indices)}]"),
                ("element", 5, lambda: f"m[{self.one(*self.indices)}, {self.one(*self.indices)}]"),
                ("element", 5, lambda: f"y[{self.one(*self.indices)}]"),
                ("sum", 20, lambda: f"({a} {self.one('+', '-', '*')} {b})"),
                ("quotient", 6, lambda: f"({a} {self.one('/', '//', '%')} {b})"),
                ("abs", 2, lambda: f"abs({a})"),
                ("function", 2, lambda: f"np.{self.one('sqrt', 'floor', 'abs', 'sign', 'isnan', 'ceil')}({a})"),
                ("function", 1, lambda: f"math.{self.one('sqrt', 'floor', 'fabs', 'isnan', 'trunc', 'ceil')}({a})"),
                ("mixed", 2, lambda: f"({a} {self.one('+', '*')} {self.int(1)})"),
                ("float", 2, lambda: f"float({self.int(1)})"),
                ("choice", 2, lambda: f"({a} if {self.condition(1)} else {b})"),
                ("least", 1, lambda: f"{self.one('min', 'max')}({a}, {b})"),
                ("minus", 1, lambda: f"-{a}"),
                # Other powers have a last place of their own.
                ("power", 1, lambda: f"({a} ** 2)"),
                ("reduction", 2, lambda: f"x.{self.one('sum', 'max', 'min')}()"),
                ("reduction", 1, lambda: "m[0].sum()"),
                ("reduction", 1, lambda: "np.mean(x > s)"),
                ("reduction", 1, lambda: "x[np.argmax(x)]"),
                ("reduction", 1, lambda: "np.linalg.norm(x)"),
                ("reduction", 1, lambda: "sum([v for v in x])"),
            ]
        )

    def condition(self, depth: int = 1) -> str:
        orders = ("<", "<=", ">", ">=")
        options: Options = [
            ("ints", 50, lambda: f"{self.int(1)} {self.one('==', '!=', *orders)} {self.int(1)}"),
            ("floats", 35, lambda: f"{self.float(1)} {self.one(*orders)} {self.float(1)}"),
            ("truth", 5, lambda: self.one("i", "k", "True", "s", "i < j < n", "0 <= k <= 3", "(k := i) > 2")),
        ]
        if depth:
            options += [
                ("both", 8, lambda: f"({self.condition(0)} {self.one('and', 'or')} {self.condition(0)})"),
                ("not", 5, lambda: f"not {self.condition(0)}"),
            ]
        return str(self.pick(options))

    def simple(self) -> str:
        place = self.one(*self.indices)
        swaps = ("i, j = j, i", "i, j = i, k", "k, n = n + 1, i", "s, t = t, s", "s, x[0] = x[0], s")
        return str(
            self.pick(
                [
                    ("int", 22, lambda: f"{self.one(*INTS)} = {self.int()}"),
                    ("float", 18, lambda: f"{self.one(*FLOATS)} = {self.float()}"),
                    ("float", 8, lambda: f"{self.one(*FLOATS)} {self.one('+=', '-=', '*=')} {self.float(1)}"),
                    ("int", 6, lambda: f"{self.one(*INTS)} {self.one('+=', '-=')} {self.int(1)}"),
                    ("store", 6, lambda: f"x[{place}] {self.one('=', '+=', '*=')} {self.float(1)}"),
                    ("store", 3, lambda: f"y[{place}] {self.one('=', '+=')} {self.int(1)}"),
                    ("store", 3, lambda: f"m[{place}, {self.one(*self.indices)}] = {self.float(1)}"),
                    ("array", 3, lambda: f"x = {self.one(*self.arrays)}"),
                    ("pick", 1, lambda: f"x = {self.one(*PICKS)}"),
                    ("update", 3, lambda: self.one(*self.updates)),
                    ("placed", 1, lambda: self.one(*PLACED)),
                    ("swap", 2, lambda: self.one(*swaps)),
                    ("assert", 1, lambda: f"assert {self.condition()}, 'bad'"),
                    ("print", 1, lambda: f"print({self.one('i', 's', 'k, t', 'n')})"),
                ]
            )
        )

    def statement(self, indent: int, depth: int, in_loop: bool) -> list[str]:
        pad = "    " * indent
        options: Options = [
            ("simple", 70, lambda: [pad + self.simple()]),
            ("leave", 2, lambda: [f"{pad}if {self.condition()}:", f"{pad}    {self.leave(in_loop)}"]),
        ]
        if in_loop:
            ends = ("break", "continue")
            options.append(
                ("jump", 4, lambda: [f"{pad}if {self.condition()}:", f"{pad}    {self.one(*ends)}"]),
            )
        if depth:
            options += [
                ("branch", 9, lambda: self.branch(indent, depth, in_loop)),
                ("loop", 10, lambda: self.loop(indent, depth, in_loop)),
                ("while", 4, lambda: self.bounded(indent, depth)),
                ("try", 3, lambda: self.attempt(indent, depth, in_loop)),
                ("match", 1, lambda: self.match(indent, depth, in_loop)),
            ]
        return list(self.pick(options))

    def leave(self, in_loop: bool) -> str:
        return self.one(
            "return i", "return s", "return x", "return (i, s)", "return k, x", "return", "raise ValueError('here')"
        )

    def branch(self, indent: int, depth: int, in_loop: bool) -> list[str]:
        pad = "    " * indent
        lines = [f"{pad}if {self.condition()}:", *self.block(indent + 1, depth - 1, in_loop)]
        if self.random.random() < 0.3:
            lines += [f"{pad}elif {self.condition()}:", *self.block(indent + 1, depth - 1, in_loop)]
        if self.random.random() < 0.5:
            lines += [f"{pad}else:", *self.block(indent + 1, depth - 1, in_loop)]
        return lines

    def loop(self, indent: int, depth: int, in_loop: bool) -> list[str]:
        pad = "    " * indent
        header = self.one(*self.headers).format(bound=self.one("3", "len(x)", "n % 5", "j % 4"))
        lines = [pad + header, *self.block(indent + 1, depth - 1, True)]
        if self.random.random() < 0.15:
            lines += [f"{pad}else:", *self.block(indent + 1, depth - 1, in_loop)]
        return lines

    def attempt(self, indent: int, depth: int, in_loop: bool) -> list[str]:
        pad = "    " * indent
        caught = self.one("IndexError", "ZeroDivisionError", "(ValueError, OverflowError)", "Exception")
        # What it may leave by `break` or `return` is in its own kind of program.
        lines = [f"{pad}try:", *self.block(indent + 1, depth - 1, False)]
        lines += [f"{pad}except {caught}:", *self.block(indent + 1, 0, in_loop)]
        if self.random.random() < 0.3:
            lines += [f"{pad}else:", *self.block(indent + 1, 0, in_loop)]
        if self.random.random() < 0.3:
            lines += [f"{pad}finally:", f"{pad}    {self.simple()}"]
        return lines

    def match(self, indent: int, depth: int, in_loop: bool) -> list[str]:
        pad = "    " * indent
        lines = [f"{pad}match {self.one('k', 'i', 'n % 4', 'j')}:"]
        for case in self.random.sample(["0", "1 | 2", "3 if s > 0", "-1", "7", "j if j > 1"], 2):
            lines += [f"{pad}    case {case}:", *self.block(indent + 2, 0, in_loop)]
        if self.random.random() < 0.5:
            lines += [f"{pad}    case _:", *self.block(indent + 2, 0, in_loop)]
        return lines

    def bounded(self, indent: int, depth: int) -> list[str]:
        """A `while` loop that ends."""
        pad, count = "    " * indent, f"w{indent}"
        body = self.block(indent + 1, depth - 1, True)
        kind = self.random.random()
        if kind < 0.6:
            header = f"{pad}while {count} < {self.one('3', '5')} and {self.condition()}:"
            lines = [f"{pad}{count} = 0", header, f"{pad}    {count} += 1", *body]
        elif kind < 0.8:
            lines = [f"{pad}{count} = 0", f"{pad}while True:", f"{pad}    {count} += 1"]
            lines += [
                f"{pad}    if {count} > {self.one('2', '4')} or {self.condition()}:",
                f"{pad}        break",
                *body,
            ]
        else:
            lines = [f"{pad}{count} = {self.one('3', 'len(x)', 'abs(n) % 4')}", f"{pad}while {count}:"]
            lines += [f"{pad}    {count} -= 1", *body]
        if self.random.random() < 0.15:
            lines += [f"{pad}else:", *self.block(indent + 1, 0, False)]
        return lines

    def block(self, indent: int, depth: int, in_loop: bool) -> list[str]:
        return [line for _ in range(self.random.randint(1, 3)) for line in self.statement(indent, depth, in_loop)]

    def program(self) -> str:
        lines = ["import math", "", "import numpy as np", "", "", "def f(x, y, m, n, t):"]
        lines += ["    i, j, k = 1, 2, 3", "    s, u = 0.5, 1.0"]
        for _ in range(self.random.randint(*self.size)):
            lines += self.statement(1, DEEPEST, False)
        return "\n".join([*lines, "    return i, j, k, n, s, t, u, x, y, m"]) + "\n"

    def arguments(self, kind: int, draw: int) -> list[Any]:
        """Arguments; the same at each call."""
        return layouts.arguments(self.layouts, (self.seed, kind), draw)
