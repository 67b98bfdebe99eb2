"""Random programs of what is seldom written: indices near the ends of 64 bits, arguments of unusual types, outputs and
masks of ufuncs, generators used up where they stand, lists of arrays.
"""

from __future__ import annotations

import random
from typing import Any, ClassVar

import layouts
import numpy as np
from programs import ARRAYS, HEADERS, INDICES, UPDATES, Writer


class Indices(Writer):
    """Subscripts, slices and ranges whose bounds come near the ends of 64 bits, or leave them."""

    likes: ClassVar = {"element": 4, "store": 5, "loop": 1.5, "array": 3, "float": 0.7}
    layouts = layouts.BIG_INTS
    indices = (
        *INDICES,
        "n - i",
        "-n",
        "i - n",
        "n + n",
        "~i",
        "i + 9223372036854775807",
        "i - 9223372036854775807 - 1",
        "n % len(x)",
        "n // 1000000000000000000",
        "np.int8(-1)",
        "np.uint8(i & 3)",
        "y[0]",
        "y[i]",
        "i * 4611686018427387904",
        "len(x) - 1",
        "k - len(x)",
        "(n ^ i) - n",
        "n >> 62",
    )
    arrays = (
        "x[n:]",
        "x[:n]",
        "x[-n:]",
        "x[:n + i]",
        "x[n:n + 3]",
        "x[i:j]",
        "x[::k]",
        "x[j:i:-1]",
        "x[::n]",
        "x[n::-1]",
        "x[-9223372036854775808:]",
        "x[:9223372036854775807]",
        "m[i:, :n].ravel()[:6]",
        "m[:n][0]",
        "m[-n:].ravel()[:6]",
        "np.roll(x, n)",
        "np.arange(n, n + 3) * 1.0",
        "np.repeat(x, k & 3)",
        "x[i:][:j]",
        "x[y[0]:y[1]]",
        "np.zeros(n & 7)",
        "np.take(x, i)  * np.ones(3)",
    )
    updates = (
        *UPDATES[:6],
        "x[n:] = s",
        "x[:n] += 1.0",
        "x[-n:] *= t",
        "x[i:j] = x[j:i]",
        "x[::-1][:n] = t",
        "m[n:, i:] = s",
        "y[i:n] -= 1",
        "x[i:k] = x[:k - i]",
    )
    headers = (
        *HEADERS[:3],
        "for i in range(n, n + 3):",
        "for i in range(n - 2, n):",
        "for i in range(n, n - 3, -1):",
        "for j in range(n & 3):",
        "for k in range(-n, -n + 2):",
        "for i in range(9223372036854775805, 9223372036854775807):",
        "for i in range(9223372036854775806, 9223372036854775809):",
        "for j in range(0, n, 4611686018427387904):",
        "for i, s in enumerate(x, n):",
        "for i in range(len(x) - 1, -len(x), -2):",
    )


class Arguments(Writer):
    """Arguments that are NumPy's scalars and arrays without axes, of every dtype; arrays that may not be written."""

    likes: ClassVar = {"mixed": 6, "float": 1.5, "update": 2, "array": 2, "cut": 4}
    layouts = layouts.Layouts(
        strided=0.4,
        shared=0.3,
        read_only=0.1,
        short=0.2,
        special=0.2,
        x=["float64", "float32", "float16", "complex128"],
    )

    def arguments(self, kind: int, draw: int) -> list[Any]:
        x, y, m, n, t = super().arguments(kind, draw)
        drawn = random.Random(f"{self.seed} {kind}")
        small = [3, 0, 1, 7, 2][(draw + drawn.randrange(5)) % 5]
        dtype = drawn.choice([*layouts.INTS, "bool", "float64"])
        n = drawn.choice(
            [lambda: n, lambda: np.dtype(dtype).type(small), lambda: np.array(small, dtype), lambda: True]
        )()
        dtype = drawn.choice([*layouts.FLOATS, "int64", "uint8", "bool"])
        with np.errstate(all="ignore"):
            kinds = [lambda: t, lambda: np.asarray(t).astype(dtype)[()], lambda: np.asarray(t).astype(dtype)]
            t = drawn.choice([*kinds, lambda: complex(t, 1.0), lambda: small])()
        if drawn.random() < 0.1:
            m = m[0] if len(m) else m
        return [x, y, m, n, t]


class Outputs(Writer):
    """`out=`, `where=`, `dtype=`, `axis=`, `keepdims=`, `initial=` of ufuncs and reductions."""

    likes: ClassVar = {"array": 8, "update": 12, "int": 0.5}
    layouts = layouts.HOSTILE
    arrays = (
        *ARRAYS[:6],
        "np.add(x, y[:len(x)])",
        "np.multiply(x, s, dtype=np.float32)",
        "np.subtract(x, t, where=x > s, out=np.zeros(len(x)))",
        "np.sqrt(x, where=x > 0.0, out=np.ones_like(x))",
        "np.sum(m, axis=0)",
        "np.sum(m, axis=1, keepdims=True)[:, 0]",
        "np.max(m, axis=0, initial=s)",
        "np.min(m, axis=1, initial=1.0)",
        "np.sum(m, axis=0, where=m > s)",
        "np.prod(m, axis=(1,))",
        "np.mean(m, axis=0, dtype=np.float32)",
        "np.any(m > s, axis=1)",
        "np.add.reduce(m, axis=1)",
        "np.add.accumulate(m, axis=0)[0]",
        "np.cumsum(m, axis=1)[0]",
        "np.multiply.outer(x, x)[0]",
        "np.einsum('i,i->i', x, x)",
        "np.einsum('ij->j', m)",
        "np.argsort(x)",
        "np.add(x, 1, out=None)",
        "np.maximum(x, y[:len(x)], dtype=np.float64)",
        "m.sum(axis=-1)",
        "np.diff(m, axis=0)[0]",
        "np.where(m > s, m, t)[0]",
        "np.negative(x)[::-1]",
        "np.broadcast_to(s, 3) + 0.0",
        "np.outer(x, x).sum(axis=1)",
        "m @ m.T[:, 0]",
    )
    updates = (
        *UPDATES,
        "np.add(x, x[::-1], out=x)",
        "np.add(x[1:], x[:-1], out=x[:-1])",
        "np.multiply(m, s, out=m, where=m > t)",
        "np.add(m, m[0], out=m)",
        "np.add(m, m[:, :1], m)",
        "np.negative(x, out=x[::-1])",
        "np.sum(m, axis=1, out=x[:len(m)])",
        "np.add.reduce(m, axis=0, out=m[0])",
        "np.cumsum(x, out=x)",
        "np.copyto(x, s, where=x > t)",
        "np.copyto(x, m[0, :len(x)])",
        "np.putmask(x, x > s, t)",
        "np.divide(x, y[:len(x)], out=x, where=y[:len(x)] != 0)",
        "np.clip(x, s, 2.0, out=x)",
        "np.floor(m, out=m)",
        "np.add(y, 1, out=y)",
        "np.add(y, 0.5, out=y)",
        "np.add(x, y[:len(x)], out=x, casting='unsafe')",
        "x[:] = np.add(x, t, where=x > s)*0.0 if False else x",
        "np.maximum(m[:-1], m[1:], out=m[1:])",
        "np.square(m.T, out=m.T)",
        "np.greater(x, s, out=x)",
    )


class Generators(Writer):
    """Generators that are used up where they stand, comprehensions, lambdas and functions in the function."""

    likes: ClassVar = {"generator": 14, "loop": 1.3}

    def simple(self) -> str:
        if self.random.random() < 0.3:
            return self.consumed()
        return super().simple()

    def consumed(self) -> str:
        source = self.one("x", "m[0]", "x[::-1]", "y", "range(n % 5)", "range(len(y))", "zip(x, m[0])", "enumerate(x)")
        name, each = "v", self.one("v", "v * s", "v + i", "(v * v)", "abs(v)", "v / t", "x[i] * v")
        if source.startswith(("zip", "enumerate")):
            name, each = "v, w", self.one("v * w", "w", "v - w", "x[i % 4] + w")
        test = self.one("", "", " if v > s", " if v != t", f" if {self.condition(0)}")
        of = f"{each} for {name} in {source}{test}"
        return self.one(
            f"s = sum({of})",
            f"t = sum(({of}), {self.one('0.5', 's', 'i')})",
            f"s = max({of})",
            f"u = min(({of}), default={self.one('0.0', 's')})",
            f"k = any({each} > {self.one('s', '2.0')} for {name} in {source})",
            f"k = all({each} < {self.one('s', '2.0')} for {name} in {source}{test})",
            f"t = next(({of}), {self.one('s', '-1.0')})",
            f"u = len([{of}])",
            f"x = np.array([{of}])",
            f"x = np.array(list({of}))",
            f"s = sum(sum(w * v for w in x) for v in {self.one('x', 'y', 'range(3)')}{test})",
            f"s = sum([sum(row) for row in m]) + {self.float(1)}",
            "i = sum(1 for v in x if v > s)",
            f"g = lambda v: v * s + {self.one('i', 't', '1')}; s = g(t) + g({self.float(0)})",
            "x = np.array([[v * w for v in x[:2]] for w in m[0]]).ravel()",
            f"i = max(range(len(x)), key=lambda v: x[v]) if len(x) else {self.int(0)}",
        )


class Rows(Writer):
    """Lists of arrays: rows that are kept, aliased, changed in place."""

    likes: ClassVar = {"rows": 1, "loop": 1.5}
    headers = (
        *HEADERS[:6],
        "for row in rows:",
        "for i, row in enumerate(rows):",
        "for row, s in zip(rows, x):",
        "for row in reversed(rows):",
        "for row in m:",
    )

    def simple(self) -> str:
        if self.random.random() < 0.6:
            return super().simple()
        row = self.one("rows[i]", "rows[0]", "rows[-1]", "row", "rows[k % 3]", "rows[j]")
        return self.one(
            f"{row}[{self.one(*INDICES)}] {self.one('=', '+=', '*=')} {self.float(1)}",
            f"{row} {self.one('+=', '*=', '-=')} {self.one('s', '1.0', 'row', 'rows[0]')}",
            f"{row}[:] = {self.one('s', 'row', 'row[::-1]', 'rows[0]')}",
            f"row = {self.one('rows[0]', 'rows[i % 3]', 'x', 'm[0]', 'row * 2.0', 'row[1:]', 'rows[-1][:3]')}",
            f"s = {row}{self.one('.sum()', '[0]', '[i]', '.max()', '[-1] + t')}",
            f"if len(rows) < 6: rows.append({self.one('x', 'row', 'x + s', 'm[1]', 'row[1:]', 'np.zeros(3)')})",
            f"rows[{self.one('i', '0', 'k % 3')}] = {self.one('x', 'row', 'x * s', 'm[i % 3]', 'rows[0]')}",
            f"x = {self.one('rows[0] + rows[1]', 'rows[i] * s', 'np.concatenate(rows)[:6]', 'rows[1].copy()')}",
            "row = rows.pop()",
            "k = len(rows[0])",
            "i = len(rows)",
            "rows = [row, x, m[0]]",
            "rows = [v * 2.0 for v in rows]",
            "m = np.array([x, x])" if self.random.random() < 0.3 else "s = sum([row[0] for row in rows])",
        )

    def program(self) -> str:
        text = super().program().replace("s, u = 0.5, 1.0\n", "s, u = 0.5, 1.0\n    row = rows[0]\n", 1)
        text = text.replace("def f(x, y, m, n, t):", "def f(x, y, m, n, t, rows):")
        return text.replace("u, x, y, m\n", "u, x, y, m, rows, row\n")

    def arguments(self, kind: int, draw: int) -> list[Any]:
        x, y, m, n, t = super().arguments(kind, draw)
        drawn = random.Random(f"rows {self.seed} {kind}")
        numbers = np.random.default_rng([draw, drawn.randrange(1000)])
        rows = [numbers.integers(-4, 5, drawn.choice([3, 4, 5])) / 2.0 for _ in range(3)]
        kind = drawn.randrange(6)
        if kind == 0:
            rows[1] = rows[0]
        elif kind == 1:
            rows[1] = rows[0][1:]
        elif kind == 2:
            rows[drawn.randrange(3)] = x
        elif kind == 3:
            rows[drawn.randrange(1, 3)] = drawn.choice([y, m, rows[0].astype(np.float32), rows[0][::-1], [1.0, 2.0]])
        return [x, y, m, n, t, rows]


class Tuples(Writer):
    """Tuples and shapes: their items, slices in steps, what they are put together of."""

    likes: ClassVar = {"loop": 1.5}

    def part(self) -> str:
        lo, hi = (self.one("", "", "0", "1", "2", "-1", "-2", "5", "-7", "k % 3", "-i") for _ in range(2))
        return f"[{lo}:{hi}{self.one('', '', ':', ':-1', ':-1', ':2', ':-2', ':k')}]"

    def simple(self) -> str:
        if self.random.random() < 0.5:
            return super().simple()
        pair, part, index = self.one("q", "q", "m.shape", "(i, k)"), self.part(), self.one(*INDICES)
        other = self.one("q[::-1]", "m.shape", "m.shape[::-1]", "(k, i)", "divmod(i, 3)[::-1]", "x.shape + y.shape")
        several = self.one("p", "p", "q", "m.shape", "x.shape", "(s, i, t)", "((s, t), (u, i), s)", "divmod(i, 3)")
        return self.one(
            "i, s, n = p",
            f"i, j = {pair}[::-1]",
            f"j, k = {pair}",
            f"p = ({self.int(1)}, {self.float(0)}, {self.int(0)})",
            f"p = p{self.one('[::-1]', part)}",
            f"q = {other}",
            f"p = {several}{part}{self.one('', ' + q', ' * 2', ' + (s,)')}",
            f"k = len({several}{part})",
            f"s = {several}[{index}]",
            f"s = {pair}{part}[{index}]",
            f"t = sum({pair}{part})",
            f"x = np.ones({self.one('m.shape', 'x.shape', '(2, 3)')}{part}).ravel()[:6] * s",
            f"m = m{self.one('.reshape(m.shape[::-1])', '.T.reshape(m.shape)', '.transpose((0, 1)[::-1])')}",
            f"x = np.roll(m, {self.one('(1, 2)', 'q')}[::-1], (0, 1))[0]",
            f"k = {pair}.{self.one('index', 'count')}({self.one('j', 'k', '4')})",
            f"k = {self.one('i', 's', '3')} in {several}{part}",
            f"i = {self.one('max', 'min')}({pair}{part})",
            f"k = sum(1 for v in {pair}{part} if v > {self.one('s', '1')})",
            f"t = (s, t)[::-1][{self.one('i % 2', '0', '-1')}]",
            f"k = {pair}{part} == {self.one('m.shape', '(3, 4)', 'q')}",
        )

    def program(self) -> str:
        text = super().program().replace("s, u = 0.5, 1.0\n", "s, u = 0.5, 1.0\n    p, q = (i, s, n), (k, j)\n", 1)
        return text.replace("u, x, y, m\n", "u, x, y, m, p, q\n")


CORNERS: dict[str, type[Writer]] = {
    "indices": Indices,
    "arguments": Arguments,
    "outputs": Outputs,
    "generators": Generators,
    "rows": Rows,
    "tuples": Tuples,
}
