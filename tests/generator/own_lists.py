"""Random programs whose lists are their own: made, changed and looked at inside, and handed over at the end if at all.

There are lists of ints, of floats, of bools, of tuples and of lists; names are bound to one another's lists, lists are
put into lists twice. Which operations a program has is drawn first, so that most lists stay machine code's.
"""

from __future__ import annotations

import random

from programs import DEEPEST, HEADERS, INDICES, Writer

INTS = ["p", "d", "g[0]", "g[-1]", "g[i % len(g)]"]
FLOATS = ["q", "c"]
SLICES = ["[:]", "[1:]", "[:-1]", "[i:j]", "[::-1]", "[::2]", "[-3:5]", "[j:0:-2]", "[n:]", "[5:2]"]
RARE = ["d = [2 ** 62, i, 3]", "p[0] = True", "c = [1.5, math.nan, t]", "g = [[1], p, [], p]", "c = [0.0, -0.0, s]"]


class OwnLists(Writer):
    """Writes one program with lists of its own."""

    headers = (
        *HEADERS[:3],
        "for k in p:",
        "for s in q:",
        "for i, k in enumerate(d):",
        "for s, k in w:",
        "for row in g:",
        "for k in g[0]:",
        "for i, (s, k) in enumerate(w):",
        "for s, t in zip(q, c):",
        "for k in reversed(p):",
        "for k in v:",
        "for i in range(len(p)):",
    )

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        drawn = random.Random(repr((seed, "lists")))
        self.allowed = {number for number in range(60) if drawn.random() < 0.6}
        self.strange = drawn.random() < 0.25

    def some(self, *options: str) -> str:
        """One of those that this program has."""
        allowed = [option for number, option in enumerate(options) if number in self.allowed] or list(options[:1])
        return self.one(*allowed)

    def ints(self) -> str:
        return self.one(*INTS)

    def floats(self) -> str:
        return self.one(*FLOATS)

    def place(self) -> str:
        return self.one(*INDICES)

    def int(self, depth: int = 2) -> str:
        if depth and self.random.random() < 0.3:
            return self.some(
                f"{self.ints()}[{self.place()}]",
                f"len({self.one(*INTS, *FLOATS, 'w', 'g', 'b')})",
                f"sum({self.ints()})",
                f"max({self.ints()})",
                f"min({self.ints()})",
                f"w[{self.place()}][1]",
                f"{self.ints()}.count({self.one('i', 'k', '0', '3')})",
                f"{self.ints()}.index({self.one('i', 'k', '0', '3')})",
                f"g[{self.place()}][{self.place()}]",
                "sum(b)",
            )
        return super().int(depth)

    def float(self, depth: int = 2) -> str:
        if depth and self.random.random() < 0.3:
            return self.some(
                f"{self.floats()}[{self.place()}]",
                f"sum({self.floats()})",
                f"max({self.floats()})",
                f"w[{self.place()}][0]",
                "min(q)",
                "max(w)[0]",
            )
        return super().float(depth)

    def condition(self, depth: int = 1) -> str:
        if self.random.random() < 0.3:
            return self.some(
                self.one(*INTS, *FLOATS, "w", "b", "v"),
                f"{self.one('i', 'k', '3')} in {self.ints()}",
                f"b[{self.place()}]",
                f"{self.one('s', '0.5')} not in q",
                "(s, i) in w",
                f"len({self.ints()}) < 9",
                f"not {self.ints()}",
            )
        return super().condition(depth)

    def simple(self) -> str:
        if self.random.random() < 0.35:
            return super().simple()
        if self.strange and self.random.random() < 0.1:
            return self.one(*RARE)
        ints, floats, place = self.ints(), self.floats(), self.place()
        small, whole, number = f"if len({ints}) < 20: ", self.int(1), self.float(1)
        return self.some(
            f"{small}{ints}.append({whole})",
            f"if len({floats}) < 20: {floats}.append({number})",
            f"{ints}[{place}] {self.one('=', '+=', '-=')} {whole}",
            f"{floats}[{place}] {self.one('=', '+=', '*=')} {number}",
            f"if len(w) < 12: w.append(({number}, {whole}))",
            f"k = {ints}.pop()",
            f"j = {ints}.pop({self.one('0', '-1', place)})",
            f"s = {floats}.pop({self.one('', '0', place)})",
            "t, i = w.pop()",
            "if len(g) < 9: g.append([i, k])",
            f"if len(g) < 9: g.append({self.one('p', 'd[:]', 'd', '[]', 'g[0]')})",
            f"{small}{ints}.insert({place}, {whole})",
            f"{small}{ints}.extend({self.ints()}[:4])",
            f"if len(d) < 20: d += {self.one('p[:3]', '[i, j]', 'g[0][:2]')}",
            f"d = {self.ints()}{self.one(*SLICES)}",
            f"c = {self.floats()}{self.one(*SLICES)}",
            f"d = {self.one('p', 'g[0]', '[i, j, k]', '[]', 'list(p)', 'p.copy()')}",
            f"c = {self.one('q', '[]', '[s, t]', 'list(q)')}",
            f"d = {self.one('[0]', '[i, 3]', 'p[:2]')} * {self.one('3', 'k % 5', '(n % 40)', '-1')}",
            f"{ints}.sort({self.one('', '', 'reverse=True', 'reverse=False')})",
            f"{self.one(*FLOATS, 'w', 'b')}.sort()",
            f"{self.one(*INTS, *FLOATS, 'w', 'g')}.reverse()",
            f"d = sorted({self.ints()})",
            f"if {self.one('i', 'k')} in {ints}: {ints}.remove({self.one('i', 'k', '3')})",
            f"{ints}[{place}], {ints}[{self.place()}] = {ints}[{self.place()}], {ints}[{place}]",
            f"del {self.one(ints, floats, 'w', 'g')}[{place}]",
            f"d = p + {self.one('[i]', 'd[:3]', 'g[0][:3]')}",
            f"{ints}[{self.one('1:2', ':1', 'i:j', '2:', '-1:')}] = {self.one('[i]', '[]', 'd[:3]', 'p[:2]')}",
            f"b[{place}] = {self.condition(0)}",
            f"x = np.array({self.one('q', 'c', 'q[:4]', '[s, t, u]')})",
            f"y = np.array({self.one('p', 'd', 'p[:5]')})",
            "m = np.array([q[:2], [s, t], c[:2]])",
            f"row = g[{place}]",
            f"row[{place}] = {whole}",
            f"g[{place}] = {self.one('p', 'row', '[i]', 'd[:2]')}",
            f"{self.one(*INTS)}.clear()",
            "w[0] = (s, k)",
            f"{self.one('v.append', 'v.appendleft')}({self.int(1)})",
            f"k = v.{self.one('popleft', 'pop')}()",
            f"heapq.heappush({self.one('p', 'd')}, {self.int(1)})",
            f"j = heapq.heappop({self.one('p', 'd')})",
            f"heapq.heappush(w, ({self.float(1)}, {self.int(1)}))",
            f"s, k = heapq.{self.one('heappop(w)', 'heapreplace(w, (s, i))', 'heappushpop(w, (t, j))')}",
            f"heapq.heapify({self.one('p', 'q', 'w', 'd')})",
            f"v = deque({self.one('', 'p', '[i, j]', 'd')})",
            "d = [k + 1 for k in p if k != j]",
            "g = [[i] * 2 for i in range(3)] + g[:2]",
        )

    def program(self) -> str:
        lines = ["import math", "", "import numpy as np", "", "", "def f(x, y, m, n, t):"]
        lines[:1] = ["import heapq", "import math", "from collections import deque"]
        lines += ["    i, j, k = 1, 2, 3", "    s, u = 0.5, 1.0"]
        lines += ["    p = [3, 1, 2]", "    d = [n % 7, 5]", "    q = [0.5, t, -1.0]", "    c = [2.0] * 4"]
        lines += ["    b = [True] * 5", "    w = [(0.5, 1), (t, 2)]", "    g = [[1, 2], [], [n % 3]]", "    row = g[0]"]
        lines += ["    v = deque([4, 5])"]
        for _ in range(self.random.randint(*self.size)):
            lines += self.statement(1, DEEPEST, False)
        lines += (
            ["    one = p is d", "    two = row is g[0]"] if 39 in self.allowed else ["    one = two = len(p) + len(g)"]
        )
        kept = [name for number, name in enumerate("pdqcbwgv") if number + 30 in self.allowed] or ["p"]
        return "\n".join([*lines, f"    return i, j, k, n, s, t, u, x, y, m, one, two, {', '.join(kept)}, row"]) + "\n"
