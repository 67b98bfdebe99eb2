"""Random programs of views and folds under `try`, `finally` and `with`: what is shared, stored to and left half done.

    b = m * 2.0
    v = b[:, 1]
    try:
        x[n] = np.mean(v)
        b[0] += v[0]
    except IndexError:
        v[:] = b.max()
    finally:
        s += np.dot(v, v)

An array that is computed, views of it and of the arguments, folds of either, stores to either; helpers that change
what they are given and raise; early ends. What is done has to be done once, and seen through every name.
"""

from __future__ import annotations

from typing import ClassVar

import layouts
from programs import Writer

ROWS = ["x", "v", "b[0]", "b[:, 0]", "m[0]", "m[:, 1]", "v[::-1]", "v[1:]", "x[1:]", "b.ravel()", "y"]
FOLDS = [
    "{a}.sum()",
    "{a}.max()",
    "{a}.min()",
    "np.mean({a})",
    "np.dot({a}, {a})",
    "{a} @ {a}",
    "np.prod({a})",
    "np.sum({a} * s)",
    "np.sum({a} > t)",
    "np.any({a} > s)",
    "np.all({a} < s)",
    "np.argmax({a})",
    "np.argmin({a} - s)",
    "np.count_nonzero({a})",
    "np.std({a})",
    "np.var({a})",
    "np.linalg.norm({a})",
    "np.median({a})",
    "np.cumsum({a})[-1]",
    "np.ptp({a})",
    "sum({a})",
    "max({a})",
    "sum(e * s for e in {a})",
    "next((e for e in {a} if e > t), s)",
    "np.maximum.reduce({a})",
    "np.sum(np.where({a} > s, {a}, t))",
    "np.trapezoid({a})",
    "len({a})",
]
COMPUTED = [
    "m * 2.0",
    "m + x[0]",
    "np.where(m > s, m, t)",
    "m.copy()",
    "m.T + 1.0",
    "np.zeros_like(m)",
    "np.zeros((3, 4))",
    "np.outer(x, x)",
    "m - m.mean(axis=0)",
    "np.abs(m)",
    "m / (m[0] + 1.0)",
    "np.array([x, x])",
    "np.vstack((x, x))",
    "m @ m.T",
    "m > s",
    "(m * 3).astype(int)",
    "m",
]
VIEWS = [
    "b[0]",
    "b[:, 0]",
    "b[1:]",
    "b[::-1]",
    "b.T",
    "b.T[0]",
    "b.reshape(-1)",
    "b.ravel()",
    "b.flatten()",
    "np.diagonal(b)",
    "b[i]",
    "b[i % 2]",
    "b[:j, 0]",
    "b.real",
    "np.asarray(b)",
    "b[None, 0]",
    "np.squeeze(b[:1])",
    "np.broadcast_to(b[0], b.shape)",
    "b[b > s]",
    "b",
    "x",
    "x[::2]",
    "x[1:]",
    "m[:, 1]",
    "v[1:]",
    "v[::-1]",
    "v * 1.0",
    "np.roll(v, 1)",
    "np.sort(v)",
    "(b if s > t else m)[0]",
]
CONTEXTS = ["np.errstate(all='ignore')", "np.errstate(divide='raise')", "np.errstate(invalid='raise', over='ignore')"]
CAUGHT = ["IndexError", "ValueError", "ZeroDivisionError", "(ValueError, IndexError)", "Exception", "ArithmeticError"]


class Protected(Writer):
    """Writes one program."""

    likes: ClassVar = {"try": 7, "element": 2, "reduction": 2, "loop": 1.2, "while": 0.5, "match": 0.5, "int": 0.4} | {
        "float": 0.6,
        "leave": 2,
    }
    layouts = layouts.HOSTILE
    size = (3, 6)
    known = False

    def fold(self) -> str:
        return self.one(*FOLDS).format(a=self.one(*ROWS))

    def place(self) -> str:
        return self.one("i", "j", "0", "-1", "n", "i % 4", "k % 3", "-n", "i - 1", "3")

    def changed(self) -> str:
        """A store to an array, as a whole or in part."""
        array = self.one("x", "v", "v", "b[0]", "b[:, 0]", "m[0]", "m[:, 1]")
        value = self.one(self.fold(), "s", "t", f"{self.one(*ROWS)}[{self.place()}]", self.one(*ROWS))
        return self.one(
            f"{array}[{self.place()}] {self.one('=', '=', '+=', '*=', '-=')} {value}",
            f"{array}[{self.place()}] {self.one('=', '+=')} {self.fold()}",
            f"{array}[{self.one(':', '...', '1:', '::-1', ':j')}] {self.one('=', '+=', '*=')} {value}",
            f"b[{self.place()}] {self.one('=', '+=', '*=')} {value}",
            f"b[{self.place()}, {self.place()}] {self.one('=', '+=')} {self.fold()}",
            f"{self.one('b', 'v', 'x', 'm')} {self.one('+=', '*=', '-=', '/=')} {value}",
            f"{array}[{array} > s] = {value}",
            f"np.{self.one('add', 'multiply')}({array}, {self.one('s', 't', '1.0')}, out={array})",
            f"{self.one('v', 'x')}.{self.one('sort()', 'fill(s)')}",
            f"s, {array}[{self.place()}] = {self.fold()}, {value}",
            f"{array}[{self.place()}], {array}[{self.place()}] = {value}, {self.fold()}",
        )

    def simple(self) -> str:
        kind = self.random.random()
        if kind < 0.07:
            return f"b = {self.one(*COMPUTED)}"
        if kind < 0.17:
            return f"v = {self.one(*VIEWS)}"
        if kind < 0.42:
            return self.changed()
        if kind < 0.58:
            return f"{self.one('s', 't', 'u', 's', 'i', 'k')} = {self.fold()}"
        if kind < 0.63:
            return f"{self.one('s', 'u')} += {self.fold()}"
        if kind < 0.67 and self.known:
            return self.one(*CALLS).format(a=self.one("v", "x", "b[0]", "b", "m[0]", "y"))
        if kind < 0.70:
            return f"assert {self.fold()} {self.one('<', '>', '!=')} s"
        if kind < 0.72:
            return self.one("print(s)", "print(v)", "print(i, t)", "print(b[0])", "print(v.sum())")
        if kind < 0.73:
            return self.one("del v", "v = None", "b = None", "x = v", "x = v.copy()", "v, x = x, v")
        return super().simple()

    def leave(self, in_loop: bool) -> str:
        if not self.known:
            return self.one("return s", "return t", "raise ValueError('in g')", "raise IndexError(i)")
        ends = [super().leave(in_loop), f"return {self.fold()}", "return v", "return b, v", "raise IndexError(n)"]
        if in_loop:
            ends += ["break", "continue"]
        return self.one(*ends)

    def attempt(self, indent: int, depth: int, in_loop: bool) -> list[str]:
        pad = "    " * indent
        lines = [f"{pad}try:", *self.block(indent + 1, depth - 1, in_loop and self.random.random() < 0.3)]
        kind = self.random.random()
        if kind < 0.2:
            return [f"{pad}with {self.one(*CONTEXTS)}:", *lines[1:]]
        if kind < 0.75:
            name = self.one("", "", " as error")
            lines += [f"{pad}except {self.one(*CAUGHT)}{name}:", *self.block(indent + 1, 0, in_loop)]
            if self.random.random() < 0.25:
                ends = ("raise", "raise ValueError(s)", f"return {self.fold()}", "return v", self.leave(in_loop))
                lines += [f"{pad}    {self.one(*ends)}"]
            elif self.random.random() < 0.2:
                lines += [f"{pad}except {self.one('TypeError', 'LookupError')}:", *self.block(indent + 1, 0, in_loop)]
            if self.random.random() < 0.3:
                lines += [f"{pad}else:", *self.block(indent + 1, 0, in_loop)]
        if kind >= 0.75 or self.random.random() < 0.3:
            lines += [f"{pad}finally:", *self.block(indent + 1, 0, False)]
        return lines

    def helper(self) -> list[str]:
        """A function that changes what it is given, and may raise."""
        lines = ["def g(x, i, s, t=1.5):", "    j, k, n, u, y, m, b, v = 2, 3, len(x), 1.0, x, x[None], x[None], x"]
        for _ in range(self.random.randint(1, 2)):
            lines += self.statement(1, 1, False)
        return [*lines, f"    return {self.one('s', 't', 'u', self.fold())}", "", ""]

    def program(self) -> str:
        self.known = False
        lines = ["import math", "", "import numpy as np", "", "", *self.helper()]
        self.known = True
        text = super().program().replace("import math\n\nimport numpy as np\n\n\n", "", 1)
        begin = f"s, u = 0.5, 1.0\n    b = {self.one(*COMPUTED)}\n    v = {self.one(*VIEWS[:-10])}\n"
        text = text.replace("s, u = 0.5, 1.0\n", begin, 1).replace("u, x, y, m\n", "u, x, y, m, b, v\n")
        return "\n".join(lines) + "\n" + text


CALLS = [
    "s = g({a}, i, t)",
    "t = g({a}, n, s)",
    "u += g({a}, j, s, t)",
    "g({a}, i, s)",
    "x[i] = g({a}, j, t)",
    "v[j] += g({a}, i, s)",
    "b[0] = g({a}, k, s)",
    "x[0], s = g({a}, 1, t), {a}[0]",
]
