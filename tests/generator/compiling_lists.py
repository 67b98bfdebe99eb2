"""Random programs with lists.

Beside arrays and numbers there are a list of floats, one of ints (or of both), one of rows, and lists that the program
makes, aliases, grows and shortens; elements that do not look like the others are put in once in a while.
"""

from __future__ import annotations

import random
from typing import Any

from programs import DEEPEST, HEADERS, INDICES, Writer

LISTS = ["a", "b", "c"]
CHANGES = [
    "if len(c) < 9: c.insert(0, s)",
    "c.extend(a[: 5 - len(c)])",
    "c += a[: 6 - len(c)]",
    "c.reverse()",
    "c.clear()",
    "a.sort()",
]
STRANGERS = ["1", "True", "2 ** 70", "None", "np.float64(2)"]
ROWS = ["r[i % 3]", "r[0]", "r[-1]", "r[j]"]


class ListWriter(Writer):
    """Writes one program with lists."""

    headers = (
        *HEADERS[:4],
        "for s in a:",
        "for k in b:",
        "for i, s in enumerate(a):",
        "for s, k in zip(a, b):",
        "for row in r:",
        "for j, row in enumerate(r):",
        "for s in reversed(c):",
        "for s in r[0]:",
        "for i in range(len(b)):",
        "for i, (s, t) in enumerate(zip(a, c), 1):",
    )

    def list(self) -> str:
        return self.one(*LISTS, "row", self.one(*ROWS))

    def float(self, depth: int = 2) -> str:
        if depth and self.random.random() < 0.25:
            return self.one(f"{self.list()}[{self.one(*INDICES)}]", f"a[{self.one(*INDICES)}]", "sum(c)", "max(a)")
        return super().float(depth)

    def int(self, depth: int = 2) -> str:
        if depth and self.random.random() < 0.15:
            return self.one(f"b[{self.one(*INDICES)}]", f"len({self.list()})", "len(r)", "len(b)")
        return super().int(depth)

    def condition(self, depth: int = 1) -> str:
        if self.random.random() < 0.06:
            return self.one("c", "not c", "len(c) < 9", "a is c", "b")
        return super().condition(depth)

    def simple(self) -> str:
        if self.random.random() < 0.6:
            return super().simple()
        place = self.one(*INDICES)
        return str(
            self.pick(
                [
                    ("list", 20, lambda: f"if len(c) < 30: c.append({self.float(1)})"),
                    ("list", 4, lambda: f"if len(b) < 12: b.append({self.int(1)})"),
                    (
                        "list",
                        3,
                        lambda: f"if len(r) < 9: r.append({self.one('[s, t]', '[0.0] * 2', 'c', 'row', '[s] * 3')})",
                    ),
                    ("list", 12, lambda: f"{self.list()}[{place}] {self.one('=', '+=', '*=')} {self.float(1)}"),
                    ("list", 5, lambda: f"b[{place}] {self.one('=', '+=')} {self.int(1)}"),
                    ("list", 6, lambda: f"r[{self.one(*INDICES)}][{place}] {self.one('=', '+=')} {self.float(1)}"),
                    ("list", 5, lambda: f"{self.one('s', 't')} = {self.list()}.pop()"),
                    ("list", 2, lambda: f"t += {self.list()}.pop()"),
                    ("list", 2, lambda: f"k = b.pop({self.one('', '0', 'i')})"),
                    ("list", 6, lambda: f"c = {self.made()}"),
                    ("list", 3, lambda: f"a = {self.one('c', 'a[1:]', 'a[:]', 'list(x)', 'a[:3] + c[:3]')}"),
                    ("list", 3, lambda: f"row = {self.one(*ROWS, 'c', 'a')}"),
                    ("list", 2, lambda: f"x = np.array({self.one('a', 'c', '[s, t, u]', 'r')})"),
                    ("list", 2, lambda: self.one(*CHANGES)),
                    ("list", 1, lambda: f"{self.one('a', 'c')}[{place}] = {self.one(*STRANGERS)}"),
                    ("list", 1, lambda: "c = r"),
                ]
            )
        )

    def made(self) -> str:
        return self.one(
            "[]",
            "[0.0] * (n % 50)",
            "[0.0] * (len(b) % 7)",
            "[s, t]",
            f"[{self.one('s', 'v')} * 0.5 for v in a]",
            "[v + s for v in a if v > t]",
            "[v for v in b]",
            "[k * 1.0 for k in range(n % 6)]",
            "a[1:3]",
            "a[::-1]",
            "c[:]",
            "[row[0] for row in r]",
        )

    def program(self) -> str:
        lines = ["import math", "", "import numpy as np", "", "", "def f(x, y, m, n, t, a, b, r):"]
        lines += ["    i, j, k = 1, 2, 3"]
        lines += ["    s, u = 0.5, 1.0", "    c = []", "    row = r[0]"]
        for _ in range(self.random.randint(*self.size)):
            lines += self.statement(1, DEEPEST, False)
        lines += ["    one = a is c", "    two = row is r[0]"]
        return "\n".join([*lines, "    return i, j, k, n, s, t, u, x, y, m, a, b, c, r, row, one, two"]) + "\n"

    def arguments(self, kind: int, draw: int) -> list[Any]:
        drawn = random.Random(repr((self.seed, kind, draw)))
        one, chance = drawn.choice, drawn.random
        floats = [one([0.5, -1.0, 2.25, 0.0, 1e3]) for _ in range(drawn.randint(0 if chance() < 0.1 else 3, 6))]
        ints = [one([1, 0, -2, 7, 2**40]) for _ in range(drawn.randint(3, 6))]
        rows: list[Any] = [[one([1.0, 2.5, -0.5]) for _ in range(drawn.randint(2, 4))] for _ in range(3)]
        if chance() < 0.15:
            ints[drawn.randrange(len(ints))] = one([1.5, True, 2**70])
        if chance() < 0.1 and floats:
            floats[drawn.randrange(len(floats))] = one([3, None, "text"])
        if chance() < 0.2:
            rows[1] = rows[0]
        if chance() < 0.1:
            rows[2] = floats
        return [*super().arguments(kind, draw), floats, ints, rows]
