"""Kinds of programs: what each has more of than the others."""

from __future__ import annotations

from typing import Any, ClassVar

import layouts
from number_methods import NumberMethods
from optional_names import OptionalNames
from programs import ARRAYS, DEEPEST, FLOATS, PICKS, UPDATES, Writer


class ControlFlow(Writer):
    """Loops in loops, branches, jumps, early ends."""

    likes: ClassVar = {
        "branch": 2,
        "loop": 1.8,
        "while": 4,
        "jump": 3,
        "leave": 2,
        "match": 4,
        "array": 0.3,
        "update": 0.3,
    }
    size = (2, 4)


class Ints(Writer):
    """Ints near 2**63, and operators that may raise."""

    likes: ClassVar = {
        "int": 3,
        "literal": 2,
        "product": 5,
        "bits": 5,
        "shift": 12,
        "power": 8,
        "divmod": 8,
        "minus": 6,
    } | {
        "quotient": 2,
        "cut": 6,
        "float": 0.3,
        "array": 0.3,
        "update": 0.3,
    }
    layouts = layouts.BIG_INTS

    def simple(self) -> str:
        if self.random.random() < 0.12:
            # Counts, whose sums may overflow or not.
            step = self.one("1", "1", "2", str(2**62), "-1", "k", "y[0]")
            return f"c[{self.one('i % 5', 'j', 'k % 5', '0', 'y[i]')}] {self.one('+=', '-=')} {step}"
        return super().simple()

    def program(self) -> str:
        counts = "    s, u = 0.5, 1.0\n    c = np.zeros(5, dtype=np.int64)\n"
        text = super().program().replace("    s, u = 0.5, 1.0\n", counts, 1)
        return text.replace("u, x, y, m\n", "u, x, y, m, c\n")


class Floats(Writer):
    """NaN, infinities, zeros of either sign, and functions of numbers."""

    likes: ClassVar = {
        "float": 3,
        "function": 8,
        "quotient": 2,
        "power": 6,
        "cut": 8,
        "least": 5,
        "mixed": 3,
        "int": 0.4,
    }
    layouts = layouts.SPECIAL


class Fancy(Writer):
    """Subscripts that are arrays, masks, lists."""

    likes: ClassVar = {"pick": 12, "placed": 12, "array": 2, "update": 2, "int": 0.5}
    layouts = layouts.HOSTILE


class Dtypes(Writer):
    """Arrays of every dtype."""

    likes: ClassVar = {"store": 3, "array": 2, "update": 2, "element": 2, "pick": 2}
    layouts = layouts.DTYPES


class Exceptions(Writer):
    """What is raised, caught, raised again, and what is left by it."""

    likes: ClassVar = {"try": 8, "leave": 3, "assert": 8, "quotient": 2, "element": 2, "store": 2}
    layouts = layouts.HOSTILE
    caught = ("IndexError", "ZeroDivisionError", "(ValueError, OverflowError)", "Exception", "Stop", "ArithmeticError")

    def attempt(self, indent: int, depth: int, in_loop: bool) -> list[str]:
        pad = "    " * indent
        lines = [f"{pad}try:", *self.block(indent + 1, depth - 1, in_loop and self.random.random() < 0.3)]
        kind = self.random.random()
        if kind < 0.85:
            name = self.one("", "", " as error")
            lines += [f"{pad}except {self.one(*self.caught)}{name}:", *self.block(indent + 1, 0, in_loop)]
            if name:
                lines += [f"{pad}    k += len(str(error))"]
            if self.random.random() < 0.2:
                lines += [f"{pad}    {self.one('raise', 'raise Stop(k)', 'raise ValueError(s)', 'return i', 'pass')}"]
            if self.random.random() < 0.2:
                lines += [f"{pad}except {self.one('TypeError', 'LookupError')}:", *self.block(indent + 1, 0, in_loop)]
            if self.random.random() < 0.3:
                lines += [f"{pad}else:", *self.block(indent + 1, 0, in_loop)]
        if kind >= 0.85 or self.random.random() < 0.25:
            lines += [f"{pad}finally:", f"{pad}    {self.simple()}"]
        return lines

    def leave(self, in_loop: bool) -> str:
        return self.one(
            "raise ValueError('here')",
            "raise Stop(i)",
            "raise IndexError",
            "return i, s",
            "raise ZeroDivisionError('no')",
            "return x",
        )

    def program(self) -> str:
        return super().program().replace("def f(", "class Stop(Exception):\n    pass\n\n\ndef f(", 1)


class ArrayExpressions(Writer):
    """Expressions of whole arrays, one in the other."""

    likes: ClassVar = {"array": 25, "update": 10, "loop": 0.5, "int": 0.3, "float": 0.5}
    layouts = layouts.HOSTILE

    def vector(self, depth: int) -> str:
        if depth == 0:
            return self.one("x", "x", "m[0, :len(x)]", "m[i % 3, :len(x)]", "y[:len(x)]", "s", "2.0", "x[::-1]")
        a, b = self.vector(depth - 1), self.vector(depth - 1)
        return self.one(
            f"({a} {self.one('+', '-', '*')} {b})",
            f"({a} + {b})",
            f"np.{self.one('maximum', 'minimum', 'add', 'subtract')}({a}, {b})",
            f"np.where({a} > {b}, {a}, {self.vector(0)})",
            f"np.{self.one('abs', 'floor', 'negative', 'square', 'sign')}({a})",
            f"({a})[::-1]" if a != "s" and a != "2.0" else "x[1:]",
            f"np.{self.one('cumsum', 'flip', 'sort')}({a} + x)",
            f"m[:, {self.one('0', '1', '-1')}]",
            f"m.{self.one('sum', 'max', 'min')}(axis={self.one('0', '1')})",
            f"({a} / {b})",
            f"({a} {self.one('<', '>=', '==')} {b})",
            f"np.clip({a}, {self.one('-1.0', 's')}, 2.0)",
            self.one(*ARRAYS),
            self.one(*PICKS),
        )

    def matrix(self, depth: int) -> str:
        if depth == 0:
            return self.one("m", "m", "m[::-1]", "m * 0.5", "m.copy()", "s")
        a, b = self.matrix(depth - 1), self.matrix(depth - 1)
        return self.one(
            f"({a} {self.one('+', '-', '*')} {b})",
            f"np.{self.one('maximum', 'minimum')}({a}, {b})",
            f"np.where({a} > {b}, {a}, {b})",
            f"({a} + x[:1])",
            f"np.roll({a} + m, {self.one('1', '-1', 'i')}, axis={self.one('0', '1')})",
            f"({a} - m.mean(axis={self.one('0', '1, keepdims=True')}))",
            f"(m.T + {self.one('1.0', 's')}).T",
            f"np.abs({a})",
            f"({a} * m[:, :1])",
            f"({a} > {b})",
        )

    def simple(self) -> str:
        kind = self.random.random()
        if kind < 0.35:
            return f"x = {self.vector(self.random.randint(1, 2))}"
        if kind < 0.5:
            return f"m = {self.matrix(self.random.randint(1, 2))}"
        if kind < 0.6:
            return f"x[:] = {self.vector(2)}"
        if kind < 0.65:
            return f"m[{self.one(':', '1:', ':-1', '::2')}] {self.one('=', '+=')} {self.matrix(1)}"
        if kind < 0.72:
            return f"{self.one(*FLOATS)} = {self.reduced()}"
        if kind < 0.8:
            return self.one(*UPDATES)
        return super().simple()

    def reduced(self) -> str:
        array = self.one(f"({self.vector(1)} + x)", f"({self.matrix(1)} + m)")
        return self.one(f"np.{self.one('sum', 'max', 'mean', 'any', 'prod')}({array})", f"{array}.sum()")


class Recursion(Writer):
    """A function of numbers that calls itself."""

    def int(self, depth: int = 2) -> str:
        if depth and self.calls < 3 and self.random.random() < 0.08:
            self.calls += 1
            return f"f({self.one('n - 1', 'n - 2', 'n // 2')}, {self.one(*FLOATS)})"
        return super().int(depth)

    def program(self) -> str:
        self.calls = 0
        lines = ["import math", "", "import numpy as np", "", "", "def f(n, t):"]
        lines += ["    if n <= 0 or n > 6:", f"        return {self.one('n', 'n', '1', '0')}"]
        lines += ["    i, j, k = 1, 2, 3", "    s, u = 0.5, 1.0"]
        if self.random.random() < 0.4:
            lines += ["    x, y, m = np.arange(4.0), np.arange(5), np.ones((3, 4)) * t"]
        for _ in range(self.random.randint(*self.size)):
            # Calls in loops would take for ever.
            calls, self.calls = self.calls, 9
            lines += self.statement(1, 2, False)
            self.calls = calls
            lines += [f"    {self.one(*'ijk')} = {self.int()}"]
        return "\n".join([*lines, f"    return {self.one('i', 'j + k', 'i - k', self.int(1))}"]) + "\n"

    calls = 0

    def leave(self, in_loop: bool) -> str:
        return self.one("return i", "return k", "return 0", "raise ValueError('here')", "return s")

    def arguments(self, kind: int, draw: int) -> list[Any]:
        choice = Writer(hash((self.seed, kind, draw))).random.choice
        return [choice([5, 4, 3, 6, 0]), choice([0.5, 2.0, -1.5, 0.0] if kind else [1, 2, 0, -3])]


class Calls(Writer):
    """Functions that call others: with arrays, defaults, keywords, early ends."""

    def program(self) -> str:
        self.known = False
        lines = ["import math", "", "import numpy as np", "", "", f"def g(x, i, s, t={self.one('1.5', '2', '0')}):"]
        lines += ["    j, k, n, u, y, m = 2, 3, len(x), 1.0, x, np.ones((2, 3))"]
        for _ in range(self.random.randint(1, 2)):
            lines += self.statement(1, 2, False)
        lines += [f"    return {self.one('s', 's', 's + t', 'x[0]')}", "", ""]
        lines += [f"def h(n, j={self.one('1', '2')}):", "    i, k, s, t, u = 1, 3, 0.5, 2.0, 1.0"]
        lines += [f"    if {self.one('n > j', 'j == 2', 'n < 0')}:"]
        lines += [f"        return {self.one('n - 1', '0', 'i + j')}"]
        lines += [f"    {self.one(*'ijkn')} = {self.one('n + j', 'n * 3', 'n // j', 'j - n')}"]
        lines += [f"    return {self.one(*'ijkn')}", ""]
        self.known = True
        return "\n".join(lines) + super().program().replace("import math\n\nimport numpy as np", "", 1)

    known = False

    def leave(self, in_loop: bool) -> str:
        return super().leave(in_loop) if self.known else self.one("return s", "return t", "raise ValueError('in g')")

    def float(self, depth: int = 2) -> str:
        if self.known and depth and self.random.random() < 0.15:
            return f"g({self.one('x', 'm[0]', 'x[1:]', 'y')}, {self.int(0)}, {self.one('s', 't=u, s=t', 't, s')})"
        return super().float(depth)

    def int(self, depth: int = 2) -> str:
        if self.known and depth and self.random.random() < 0.15:
            return f"h({self.one(self.int(0), 'n, i', 'j=k, n=i', 'n=i')})"
        return super().int(depth)


class Recursions(Writer):
    """Functions that call each other with arrays, called from loops."""

    known = False
    calls = 9

    def program(self) -> str:
        self.known = False
        lines = ["import math", "", "import numpy as np", "", ""]
        for name, first in (("g", "s"), ("h", "t")):
            lines += [f"def {name}(x, n, {first}, {'t' if first == 's' else 's'}={self.one('1.5', '2', '0')}):"]
            lines += ["    i, j, k, u, y, m = 2, 3, len(x), 1.0, x, np.ones((2, 3))"]
            ended = self.one("s", "s", "t", "s + t", "0.5", "x[0]", "u")
            lines += ["    if n <= 0 or n > 3:", f"        return {ended}"]
            for _ in range(self.random.randint(1, 2)):
                lines += self.statement(1, 2, False)
                self.calls = 0
                lines += [f"    {self.one(*'stu')} = {self.float()}"]
                self.calls = 9
            lines += [f"    return {self.one('s', 't', 's + t', 'x[0]', 'u')}", "", ""]
        self.known = True
        self.calls = 0
        return "\n".join(lines) + super().program().replace("import math\n\nimport numpy as np", "", 1)

    def leave(self, in_loop: bool) -> str:
        return super().leave(in_loop) if self.known else self.one("return s", "return t", "raise ValueError('in it')")

    def float(self, depth: int = 2) -> str:
        if self.calls < 2 and depth and self.random.random() < 0.4:
            self.calls += 1
            array = self.one("x", "x", "x[1:]", "x[::2]", "x[:-1]", "m[0]", "y")
            fewer = self.one("3", "2") if self.known else self.one("n - 1", "n - 2", "n // 2")
            return f"{self.one('g', 'h')}({array}, {fewer}, {self.one('s', 'u, t', 't', '0.25', '1')})"
        return super().float(depth)


TOPICS: dict[str, type[Writer]] = {
    "control flow": ControlFlow,
    "ints": Ints,
    "floats": Floats,
    "fancy indexing": Fancy,
    "dtypes": Dtypes,
    "exceptions": Exceptions,
    "array expressions": ArrayExpressions,
    "recursion": Recursion,
    "recursions": Recursions,
    "calls": Calls,
    "optional names": OptionalNames,
    "number methods": NumberMethods,
}

__all__ = ["DEEPEST", "TOPICS"]
