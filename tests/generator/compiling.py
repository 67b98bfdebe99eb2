"""Random programs under CPython against compiled: `cargo xtask fuzz compile`.

    python tests/generator/compiling.py --count 1000 --seed 0

Every program is a function of arrays, ints and floats: loops of all kinds, branches, subscripts that may be out of
range, ints that grow beyond 64 bits, divisors that may be zero, array expressions, exceptions, returns from anywhere.
It runs on several kinds of arguments, plainly and as `numlift.jit` compiles it. What it returns, what it did to its
arguments, and the exception with its message and line have to be the same; numbers in every bit and type.
"""

from __future__ import annotations

import argparse
import copy
import random
import re
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numlift import _native

INTS = ["i", "j", "k", "n"]
FLOATS = ["s", "t", "u"]
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
    "x[x > s]",
    "x[[0, 2, -1]]",
    "np.pad(x, 1)[:-2]",
    "np.add(x, t, out=x)",
    "np.take(x, np.arange(3))",
    "x[y % len(x)]",
    "x[np.arange(len(x)) % 3]",
    "m[y % 3, 1]",
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
    "np.add.at(x, y % 4, 1.0)",
    "np.multiply(x, t, out=x)",
    "np.maximum(x, s, out=x, where=x < t)",
    "x[:] = np.roll(x, 1)",
    "m[:] = np.roll(m, 1, axis=0) + m",
    "x.fill(t)",
    "x[y % 4] += s",
    "x[x < 0.0] = t",
    "y[y > 2] -= 1",
    "x[[0, -1]] = x[[1, 2]]",
    "m[y % 3] = m[0]",
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
]
INDICES = ["i", "j", "k % 5", "i % 4", "0", "-1", "i + 1", "i - 1", "n", "(i + j) % 6"]
DEEPEST = 3
KINDS_OF_ARGUMENTS = 4


class Writer:
    """Writes one program."""

    headers: Sequence[str] = HEADERS

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def one(self, *options: str) -> str:
        return self.random.choice(options)

    def pick(self, options: list[tuple[int, Callable[[], Any]]]) -> Any:
        [chosen] = self.random.choices([option for _, option in options], [weight for weight, _ in options])
        return chosen()

    def int(self, depth: int = 2) -> str:
        if depth == 0:
            return self.one(*INTS)
        a, b = self.int(depth - 1), self.int(depth - 1)
        literal = self.one("0", "1", "2", "3", "5", "-1", "-2", "7", str(2**31), str(2**62), str(-(2**63)), "1000000")
        return self.pick(
            [
                (35, lambda: self.one(*INTS)),
                (15, lambda: literal),
                (25, lambda: f"({a} {self.one('+', '-')} {b})"),
                (5, lambda: f"({a} * {self.one('2', '3', '-1', '1000', str(2**20))})"),
                (8, lambda: f"({a} {self.one('//', '%')} {self.one('2', '3', '-3', b)})"),
                (3, lambda: f"abs({a})"),
                (2, lambda: f"len({self.one('x', 'y', 'm')})"),
                (2, lambda: f"({a} {self.one('&', '|', '^')} {b})"),
                (2, lambda: f"({a} if {self.condition(1)} else {b})"),
                (2, lambda: f"{self.one('min', 'max')}({a}, {b})"),
                (1, lambda: f"-{a}"),
            ]
        )

    def float(self, depth: int = 2) -> str:
        if depth == 0:
            return self.one(*FLOATS)
        a, b = self.float(depth - 1), self.float(depth - 1)
        return self.pick(
            [
                (30, lambda: self.one(*FLOATS)),
                (10, lambda: self.one("0.0", "1.5", "-2.25", "1e300", "0.1", "1e-5")),
                (10, lambda: f"x[{self.one(*INDICES)}]"),
                (5, lambda: f"m[{self.one(*INDICES)}, {self.one(*INDICES)}]"),
                (5, lambda: f"y[{self.one(*INDICES)}]"),
                (20, lambda: f"({a} {self.one('+', '-', '*')} {b})"),
                (6, lambda: f"({a} {self.one('/', '//', '%')} {b})"),
                (2, lambda: f"abs({a})"),
                (2, lambda: f"np.{self.one('sqrt', 'floor', 'abs')}({a})"),
                (2, lambda: f"({a} {self.one('+', '*')} {self.int(1)})"),
                (2, lambda: f"float({self.int(1)})"),
                (2, lambda: f"({a} if {self.condition(1)} else {b})"),
                (2, lambda: f"x.{self.one('sum', 'max', 'min')}()"),
                (1, lambda: "m[0].sum()"),
                (1, lambda: "np.mean(x > s)"),
                (1, lambda: "x[np.argmax(x)]"),
                (1, lambda: "np.linalg.norm(x)"),
            ]
        )

    def condition(self, depth: int = 1) -> str:
        orders = ("<", "<=", ">", ">=")
        options = [
            (50, lambda: f"{self.int(1)} {self.one('==', '!=', *orders)} {self.int(1)}"),
            (35, lambda: f"{self.float(1)} {self.one(*orders)} {self.float(1)}"),
            (5, lambda: self.one("i", "k", "True")),
        ]
        if depth:
            options += [
                (8, lambda: f"({self.condition(0)} {self.one('and', 'or')} {self.condition(0)})"),
                (5, lambda: f"not {self.condition(0)}"),
            ]
        return str(self.pick(options))

    def simple(self) -> str:
        place = self.one(*INDICES)
        return str(
            self.pick(
                [
                    (22, lambda: f"{self.one(*INTS)} = {self.int()}"),
                    (18, lambda: f"{self.one(*FLOATS)} = {self.float()}"),
                    (8, lambda: f"{self.one(*FLOATS)} {self.one('+=', '-=', '*=')} {self.float(1)}"),
                    (6, lambda: f"{self.one(*INTS)} {self.one('+=', '-=')} {self.int(1)}"),
                    (6, lambda: f"x[{place}] {self.one('=', '+=', '*=')} {self.float(1)}"),
                    (3, lambda: f"y[{place}] {self.one('=', '+=')} {self.int(1)}"),
                    (3, lambda: f"m[{place}, {self.one(*INDICES)}] = {self.float(1)}"),
                    (3, lambda: f"x = {self.one(*ARRAYS)}"),
                    (3, lambda: self.one(*UPDATES)),
                    (2, lambda: self.one("i, j = j, i", "i, j = i, k", "k, n = n + 1, i", "s, t = t, s")),
                    (1, lambda: f"assert {self.condition()}, 'bad'"),
                ]
            )
        )

    def statement(self, indent: int, depth: int, in_loop: bool) -> list[str]:
        pad = "    " * indent
        options: list[tuple[int, Callable[[], list[str]]]] = [
            (70, lambda: [pad + self.simple()]),
            (2, lambda: [f"{pad}if {self.condition()}:", f"{pad}    {self.leave(in_loop)}"]),
        ]
        if in_loop:
            options.append((4, lambda: [f"{pad}if {self.condition()}:", f"{pad}    {self.one('break', 'continue')}"]))
        if depth:
            options += [
                (9, lambda: self.branch(indent, depth, in_loop)),
                (10, lambda: self.loop(indent, depth, in_loop)),
                (4, lambda: self.bounded(indent, depth)),
                (3, lambda: self.attempt(indent, depth, in_loop)),
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

    def bounded(self, indent: int, depth: int) -> list[str]:
        pad, count = "    " * indent, f"w{indent}"
        header = f"{pad}while {count} < {self.one('3', '5')} and {self.condition()}:"
        return [f"{pad}{count} = 0", header, f"{pad}    {count} += 1", *self.block(indent + 1, depth - 1, True)]

    def block(self, indent: int, depth: int, in_loop: bool) -> list[str]:
        return [line for _ in range(self.random.randint(1, 3)) for line in self.statement(indent, depth, in_loop)]

    def program(self) -> str:
        lines = ["import numpy as np", "", "", "def f(x, y, m, n, t):", "    i, j, k = 1, 2, 3", "    s, u = 0.5, 1.0"]
        for _ in range(self.random.randint(3, 6)):
            lines += self.statement(1, DEEPEST, False)
        return "\n".join([*lines, "    return i, j, k, n, s, t, u, x, y, m"]) + "\n"

    def arguments(self) -> list[Any]:
        chance = self.random.random
        count = self.random.choice([4, 5, 6])
        draw = np.random.default_rng(self.random.randrange(10**6))
        x = draw.random(count) if chance() < 0.3 else draw.integers(-4, 5, count).astype(float)
        if chance() < 0.2:
            x = np.repeat(x, 2)[::2]
        y = draw.integers(-3, 6, self.random.choice([count, 5, 6]))
        m = draw.random((self.random.choice([3, 4, 6]), self.random.choice([4, 5, 6])))
        if chance() < 0.15:
            m = m.T.copy().T
        return [x, y, m, self.random.choice([3, 0, -1, 7, 2**62, -5]), self.random.choice([0.5, 2.0, -1.5, 0.0])]


def plain(value: Any) -> Any:
    """A value as something that `==` compares in every bit and type."""
    if isinstance(value, np.ndarray):
        # Which of the many NaNs it is, nobody promises.
        bits = np.where(np.isnan(value), np.nan, value) if value.dtype.kind == "f" else value
        return ("array", str(value.dtype), value.shape, bits.tobytes(), repr(value))
    if isinstance(value, tuple | list):
        return (type(value).__name__, [plain(item) for item in value])
    return (type(value).__name__, repr(value))


def ended(function: Callable[..., Any], arguments: list[Any]) -> tuple[Any, Any]:
    """How a call ended, and what the arguments are behind it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            end: Any = ("returned", plain(function(*arguments)))
        except Exception as error:
            lines = [entry.lineno for entry in traceback.extract_tb(error.__traceback__)][1:]
            end = ("raised", type(error).__name__, str(error), lines)
    return end, plain(arguments)


def same_layout(array: Any) -> Any:
    """A copy with the strides of the original."""
    if not isinstance(array, np.ndarray) or array.flags.c_contiguous:
        return copy.deepcopy(array)
    return array.T.copy().T if array.ndim == 2 else np.repeat(array, 2)[::2]


def difference(
    seed: int, folder: Path, threads: int = 0, made: Callable[[int], Writer] = Writer
) -> tuple[str | None, str]:
    """What differs in the program of a seed, and whether it was compiled: `compiled`, or why not.

    With a number of threads every loop that may run on them does.
    """
    writer = made(seed)
    text = writer.program()
    path = folder / f"program_{seed}.py"
    path.write_text(text)
    names: dict[str, Any] = {"__name__": f"program_{seed}"}
    exec(compile(text, str(path), "exec"), names)
    # What is compiled must be right whether it pays or not.
    kernel = _native.jit(names["f"], {"always": True, "parallel": "tested" if threads else "auto"})
    _native.set_num_threads(threads)
    for _ in range(KINDS_OF_ARGUMENTS):
        arguments = writer.arguments()
        expected = ended(names["f"], [same_layout(one) for one in arguments])
        actual = ended(kernel, [same_layout(one) for one in arguments])
        if expected != actual:
            return f"seed {seed}\n{text}\narguments {arguments}\nCPython  {expected}\ncompiled {actual}", "different"
    reasons = [one["reason"] for one in kernel.specializations if not one["compiled"]]
    return None, re.sub(r"line \d+: ", "", reasons[0].splitlines()[0]) if reasons else "compiled"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0, help="where the sequence starts")
    parser.add_argument("--lists", action="store_true", help="programs with lists beside the arrays")
    parser.add_argument("--threads", type=int, default=0, help="run every loop on so many threads that can be")
    parser.add_argument("--shown", type=int, default=5, help="how many differences are shown")
    asked = parser.parse_args()
    outcomes: Counter[str] = Counter()
    made: Callable[[int], Writer] = Writer
    if asked.lists:
        from compiling_lists import ListWriter

        made = ListWriter
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(asked.seed, asked.seed + asked.count):
            found, outcome = difference(seed, Path(folder), asked.threads, made)
            outcomes[outcome] += 1
            if found and outcomes["different"] <= asked.shown:
                print(found, flush=True)
    for outcome, times in outcomes.most_common():
        print(f"{times:7} {outcome}")
    sys.exit(1 if outcomes["different"] else 0)


if __name__ == "__main__":
    main()
