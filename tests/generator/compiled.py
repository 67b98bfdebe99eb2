"""Generated functions under CPython and compiled: every operator on every pair of types, and random programs.

    python tests/generator/compiled.py --count 2000 --seed 1

A function with operators has one branch for each, so that it is compiled once for a pair. Programs are made of nested
loops, stores, early exits, conditions and calls that may raise, over arrays and ints that may leave 64 bits. A failure
is printed with its text and its arguments.
"""

from __future__ import annotations

import argparse
import linecache
import sys
import warnings
from collections.abc import Callable, Iterator
from itertools import count as numbers
from pathlib import Path
from random import Random
from typing import Any

import numlift
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "python" / "compiled"))

from holding import ending_of, told

DTYPES = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64 complex128".split()
TYPES = [*DTYPES, "pybool", "pyint", "pyfloat"]

OPERATORS = (
    "a + b;a - b;a * b;a / b;a // b;a % b;a & b;a | b;a ^ b;a < b;a <= b;a > b;a >= b;a == b;a != b;"
    "-a;+a;~a;abs(a);not a;min(a, b);max(a, b);a and b;a or b;divmod(a, b);int(a);float(a);bool(a);round(a);"
    "a if b else 0;a < b < a;int(a) + int(b)"
).split(";")

_written = numbers()


def edges(name: str) -> list[Any]:
    """Values of a type where something happens."""
    if name == "pybool":
        return [False, True]
    if name == "pyint":
        return [0, 1, -1, 2, -8, 127, 128, -128, 2**31, 2**53 + 1, 2**63 - 1, -(2**63)]
    floats = [0.0, -0.0, 1.0, -2.5, 3.7, float("nan"), float("inf"), -float("inf")]
    if name == "pyfloat":
        return [*floats, 1e308, 5e-324]
    dtype = np.dtype(name)
    if dtype.kind == "b":
        return [np.False_, np.True_]
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        negative = [-1, -8, limits.min, limits.min + 1] if dtype.kind == "i" else []
        return [dtype.type(value) for value in (0, 1, 2, 7, limits.max, limits.max - 1, *negative)]
    if dtype.kind == "f":
        return [dtype.type(value) for value in (*floats, float(np.finfo(dtype).max), 2048.5)]
    return [dtype.type(value) for value in (0j, 1 + 2j, complex(-0.0, 1.5), 3 - 4j)]


def function(text: str) -> Callable[..., Any]:
    """The function `f` of a text, whose source can be asked for."""
    path = f"<generated {next(_written)}>"
    linecache.cache[path] = (len(text), None, text.splitlines(True), path)
    names: dict[str, Any] = {"np": np}
    exec(compile(text, path, "exec"), names)
    found: Callable[..., Any] = names["f"]
    return found


def every_pair(seed: int, count: int | None = None) -> Iterator[str]:
    """Every operator on pairs of types, some of them or all."""
    pairs = [(one, other) for one in TYPES for other in TYPES]
    if count is not None:
        pairs = Random(seed).sample(pairs, count)
    for one, other in pairs:
        # A function tells the events of a limited number of places apart.
        for operators in (OPERATORS[:8], OPERATORS[8:20], OPERATORS[20:]):
            yield from pair_of_types(one, other, operators)


def pair_of_types(one: str, other: str, operators: list[str]) -> Iterator[str]:
    """Some operators on all edges of two types."""
    text = "def f(which, a, b):\n    for _ in range(which):\n        which += 0\n"
    for number, operator in enumerate(operators):
        text += f"    if which == {number}:\n        return {operator}\n"
    python = function(text)
    kernel = numlift.jit(python)
    for number, operator in enumerate(operators):
        # Products and quotients of complex numbers are rounded as they come.
        ulp = 8 if "complex" in one + other else 0
        for a in edges(one):
            for b in edges(other):
                arguments = (number, a, b)
                for difference in told(ending_of(python, arguments), ending_of(kernel, arguments), ulp):
                    yield f"{operator} of {a!r} ({one}) and {b!r} ({other}): {difference}"


class Program:
    """The text of a random function of an array `x`, an array of ints `k`, a matrix `m`, and an int `n`."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.lines: list[str] = []
        self.indices: list[str] = []
        self.depth = 1

    def text(self) -> str:
        self.say("s = 0.0")
        self.say("c = n")
        self.block(self.rng.randint(2, 4), 0)
        self.say("return s, c, x")
        return "def f(x, k, m, n):\n" + "".join(self.lines)

    def say(self, line: str) -> None:
        self.lines.append("    " * self.depth + line + "\n")

    def pick(self, *choices: str) -> str:
        return self.rng.choice(choices)

    def index(self) -> str:
        inner = self.indices[-1] if self.indices else "n"
        return self.pick(inner, inner, f"{inner} - 1", f"-{inner}", f"{inner} + 1", "0", "-1", f"k[{inner}]")

    def number(self) -> str:
        return self.pick(
            "s",
            f"x[{self.index()}]",
            f"m[{self.index()}, {self.index()}]",
            "2.5",
            "c",
            f"k[{self.index()}]",
            f"(s + x[{self.index()}])",
            f"(x[{self.index()}] * 0.5)",
            f"min(s, x[{self.index()}])",
            "abs(s)",
        )

    def whole(self) -> str:
        return self.pick(
            "c", "n", f"k[{self.index()}]", "c * 3", "c * c", "c // 2", "c % 7", "c - n", "int(s)", "c << 3"
        )

    def condition(self) -> str:
        return self.pick(
            f"{self.number()} > {self.number()}", f"{self.whole()} % 2 == 0", "s < 100", "c > 5", f"k[{self.index()}]"
        )

    def block(self, size: int, level: int) -> None:
        for _ in range(size):
            self.statement(level)

    def nested(self, level: int, index: str | None = None) -> None:
        self.depth += 1
        if index is not None:
            self.indices.append(index)
        self.block(self.rng.randint(1, 3), level + 1)
        if index is not None:
            self.indices.pop()
        self.depth -= 1

    def statement(self, level: int) -> None:
        kind = self.rng.random()
        if kind < 0.25 and level < 3:
            index = "ijl"[level]
            ranges = ("len(x)", "n", "3", "1, len(x) - 1", "len(x) - 1, -1, -1", "0, n, 2")
            self.say(f"for {index} in range({self.pick(*ranges)}):")
            self.nested(level, index)
        elif kind < 0.3 and level < 2:
            # A counter of its own ends the loop in any case.
            name = f"w{level}{len(self.lines)}"
            self.say(f"{name} = 0")
            self.say(f"while {name} < {self.pick('3', 'n', 'len(x)')} and {self.condition()}:")
            self.depth += 1
            self.say(f"{name} += 1")
            self.depth -= 1
            self.nested(level, name)
        elif kind < 0.42 and level < 3:
            self.say(f"if {self.condition()}:")
            self.nested(level)
            if self.rng.random() < 0.4:
                self.say("else:")
                self.nested(level)
        elif kind < 0.5:
            self.say(f"if {self.condition()}:")
            inside = ("break", "continue") if self.indices else ()
            ends = (*inside, "return s", "return c", "raise ValueError('stopped')")
            self.lines.append("    " * (self.depth + 1) + self.pick(*ends) + "\n")
        elif kind < 0.65:
            self.say(f"x[{self.index()}] {self.pick('=', '+=', '*=')} {self.number()}")
        elif kind < 0.7:
            self.say(f"k[{self.index()}] = {self.whole()}")
        elif kind < 0.75:
            self.say(f"m[{self.index()}, {self.index()}] = {self.number()}")
        elif kind < 0.8:
            self.say(self.pick("x[1:] = x[:-1] * 0.5", "x[:] = x + s", "s = x.max()", "x = x[::-1]", "s = x[k].sum()"))
        elif kind < 0.85:
            self.say(f"print({self.pick('s', 'c', 'c, s', 'n')})")
        elif kind < 0.93:
            self.say(f"c {self.pick('=', '+=', '-=')} {self.whole()}")
        else:
            self.say(f"s {self.pick('=', '+=', '-=')} {self.number()}")


def arguments_of(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Ordinary ones, short ones, and some whose ints are no indices."""
    made: list[tuple[Any, ...]] = []
    for size, n in ((6, 3), (4, 9), (1, 1), (0, 0), (5, 5)):
        x = rng.integers(-8, 9, size) / 2.0
        k = rng.integers(-2, max(size, 1) + (size == 4), max(size, 1))
        made.append((x, k, rng.integers(0, 9, (4, 4)).astype(float), n))
    return made


def random_programs(seed: int, count: int) -> Iterator[str]:
    """Random programs, each on several arguments."""
    for number in range(count):
        text = Program(Random(f"{seed}:{number}")).text()
        python = function(text)
        kernel = numlift.jit(python)
        for arguments in arguments_of(np.random.default_rng([seed, number])):
            # NumPy adds in another order.
            differ = told(ending_of(python, arguments), ending_of(kernel, arguments), 1 << 20 if "sum" in text else 0)
            if differ:
                yield f"program {number} of seed {seed}: {differ[0]}\n{arguments!r}\n{text}"
                break


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=2000, help="how many random programs")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-operators", action="store_true", help="only random programs")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    failures = 0
    for failure in [] if options.no_operators else every_pair(options.seed):
        failures += 1
        print(failure, flush=True)
    for failure in random_programs(options.seed, options.count):
        failures += 1
        print(failure, flush=True)
    print(f"{failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
