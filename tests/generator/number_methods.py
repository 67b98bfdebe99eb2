"""Programs with builtins on numbers, sums of displays, records and any number of arguments."""

from __future__ import annotations

from typing import Any, ClassVar

import layouts
from programs import FLOATS, INTS, Writer


class NumberMethods(Writer):
    """Methods of numbers, `round` to digits, `pow` of three, sums and extremes of what is there; items of a dict."""

    likes: ClassVar = {"simple": 1.0, "array": 0.3, "update": 0.3}
    layouts = layouts.SPECIAL

    def int(self, depth: int = 2) -> str:
        if depth == 0 or self.random.random() > 0.3:
            return super().int(depth)
        a, b = super().int(depth - 1), super().int(0)
        return self.one(
            f"({a}).bit_length()",
            f"({a}).bit_count()",
            f"pow({a} % 1000, abs({b}) % 50, {self.one('7', '-11', '1', '0', '2**31 - 1', b)})",
            f"{self.one('sum', 'min', 'max')}([{a}, {b}, 2])",
            f"sum(({a}, {b}), {self.one('1', 'k')})",
            f"{self.one('min', 'max')}(rest)",
            "sum(rest)",
            f"rest[{self.one('0', '-1', 'i % 3', 'j', 'k')}]",
            "len(rest)",
            f"round({a}, {self.one('0', '2', '-1')})",
            f"math.comb(abs({b}) % 9, {self.one('2', '3', 'abs(j) % 5')})",
            'p["n"]',
            f"math.factorial(abs({b}) % {self.one('9', '25')})",
        )

    def float(self, depth: int = 2) -> str:
        if depth == 0 or self.random.random() > 0.3:
            return super().float(depth)
        a, b = super().float(depth - 1), super().float(0)
        return self.one(
            f"round({a}, {self.one('0', '1', '2', '5', 'abs(i) % 8', '-1', '17')})",
            f"{self.one('sum', 'min', 'max')}(({a}, {b}))",
            f"sum([{a}, {b}, 1])",
            f"{self.one('min', 'max')}([{a}, {self.int(0)}])",
            f"np.clip({a}, -1.0, {self.one('2', '1.5', b)})",
            f"{self.one('sum', 'min', 'max')}({self.one('x', '[v for v in x]', 'y')})",
            f"float({b}).is_integer()",
            f"math.modf(float({b}))[{self.one('0', '1')}]",
            f"math.isclose({a}, {b})",
            'p["a"]',
            'p["b"]',
            "G['c']",
        )

    def simple(self) -> str:
        if self.random.random() < 0.15:
            return self.one(
                f'p["a"] {self.one("=", "+=", "*=")} {self.float(1)}',
                f'p["n"] {self.one("=", "+=", "-=")} {self.int(1)}',
                f'p["b"] = {self.one(*FLOATS, *INTS)}',
                f'{self.one(*FLOATS)} = p["a"]',
                "print(p)",
            )
        return super().simple()

    def program(self) -> str:
        text = super().program().replace("def f(x, y, m, n, t):", "def f(x, y, m, n, t, p, *rest):", 1)
        return text.replace("def f(", 'G = {"c": 2.25, "d": 1}\n\n\ndef f(', 1)

    def arguments(self, kind: int, draw: int) -> list[Any]:
        chosen = Writer(hash((self.seed, kind, draw))).random
        record = {"a": chosen.choice([1.5, 2, -0.0]), "n": chosen.choice([3, 2**62]), "b": chosen.choice([-0.0, 0.1])}
        rest = [chosen.choice([1, 4, -3, 2**62]) for _ in range(2 + kind)]
        return [*super().arguments(kind, draw), record, *rest]
