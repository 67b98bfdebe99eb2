"""Programs with names that are `None` at first, or again: numbers, tuples and arrays later."""

from __future__ import annotations

from typing import ClassVar

import layouts
from programs import FLOATS, INTS, Writer

# Numbers, a tuple, an array, and what may be of two types.
NAMES = ["o", "p", "q", "b", "w"]
NUMBERS = ["o", "p", "w"]


class OptionalNames(Writer):
    """Tests of names that may be `None`, and uses of them that are right or raise."""

    likes: ClassVar = {"simple": 1.0, "loop": 1.5, "branch": 2, "jump": 2, "leave": 2, "array": 0.3, "update": 0.3}
    layouts = layouts.HOSTILE

    def test(self, name: str) -> str:
        """A condition that asks for a name, and may use it."""
        number = self.one(*NUMBERS)
        return self.one(
            f"{name} is None",
            f"{name} is not None",
            f"not ({name} is None)",
            f"{number} is None or {self.float(0)} < {number}",
            f"{number} is not None and {number} > {self.int(0)}",
            f"{number}",
            f"not {number}",
            f"{number} == {self.one('None', 'i', 's', 'o', '0')}",
            f"{number} != {self.one('None', 'k', 't', 'w')}",
            f"q is None or {self.float(0)} < q[1]",
            f"q is not None and q[0] {self.one('==', '<')} {self.int(0)}",
            f"b is not None and len(b) > {self.one('2', 'i')}",
            f"(o := {self.one('None', 'i', 'p')}) is not None and o > 1",
            f"{number} is None and {name} is None",
            f"{number} < {self.one('i', 's', 'o')}",
        )

    def condition(self, depth: int = 1) -> str:
        if self.random.random() < 0.45:
            return self.test(self.one(*NAMES))
        return super().condition(depth)

    def float(self, depth: int = 2) -> str:
        if depth and self.random.random() < 0.15:
            return self.one(
                "o", "p", "w", "q[1]", "b[0]", "(o or 1.5)", "(p if p is not None else -0.0)", "(w and 2.0)"
            )
        return super().float(depth)

    def int(self, depth: int = 2) -> str:
        if depth and self.random.random() < 0.1:
            return self.one("(p or 3)", "(q[0] if q is not None else -1)", "(0 if q is None else q[0] + 1)", "len(b)")
        return super().int(depth)

    def bound(self) -> str:
        """A statement that binds one of the names."""
        kind = self.random.random()
        if kind < 0.25:
            return f"{self.one(*NAMES)} = None"
        some = self.one(*FLOATS, "x[i % 3]", "m[0, 1]", "y[0]")
        return self.one(
            f"o = {self.one(*FLOATS, 'x[i % 3]', 's * 2.0')}",
            f"p = {self.one(*INTS, 'k + 1', 'i > j')}",
            f"w = {self.one('i', some, 's', 'True', 'p', 'o')}",
            f"q = ({self.one(*INTS)}, {some})",
            f"q = {self.one('(p, o)', '(None, s)', '(i, w)')}",
            f"b = {self.one('x', 'x * 2.0', 'x[1:]', 'm[0]', 'np.zeros(3)')}",
            f"o = {self.one('None', 's')} if {self.test('q')} else {self.one('t', 'None', 'p')}",
            "o, p = p, o",
            f"o {self.one('+=', '*=')} {self.one('s', '1', 'p')}",
            "i, s = q",
            f"b[0] = {self.one('s', 'o')}",
            f"x[0] = {self.one('o', 'w', 'p')}",
            f"assert {self.test(self.one(*NAMES))}",
        )

    def simple(self) -> str:
        return self.bound() if self.random.random() < 0.5 else super().simple()

    def leave(self, in_loop: bool) -> str:
        return self.one(
            "return o", "return p, q", "return None", "return w", "return b", "return q", "raise ValueError(i)"
        )

    def program(self) -> str:
        text = (
            super().program().replace("    s, u = 0.5, 1.0\n", "    s, u = 0.5, 1.0\n    o = p = q = b = w = None\n", 1)
        )
        return text.replace("s, t, u, x, y, m\n", "s, t, u, x, y, m, o, p, q, b, w\n")
