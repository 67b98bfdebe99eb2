"""Random loops under CPython, and compiled with every launch that is possible: in order, on threads, and backwards.

    python tests/generator/independent.py --count 1000 --seed 0

Loops store to elements whose subscripts hang on the indices in many ways, and read elements of the same arrays. Whether
the iterations of one are independent, the compiler has to find out: where they are not, launched loops that run
backwards show it for certain.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numlift import _native

SIZE = 12


class Writer:
    """Writes one program."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        # Most subscripts are what people write; some are not.
        self.tidy = self.random.random() < 0.7

    def one(self, *options: str) -> str:
        return self.random.choice(options)

    def index(self, names: list[str]) -> str:
        name, other = self.random.choice(names), self.random.choice(names)
        if self.tidy and self.random.random() < 0.95:
            return self.one(*[name] * 8, f"{name} + 1", f"2 * {name}", f"2 * {name} + 1", "0", "3")
        return self.one(
            *[name] * 6,
            f"{name} + 1",
            f"{name} - 1",
            f"2 * {name}",
            f"2 * {name} + 1",
            f"3 * {name} + {other}",
            f"{SIZE - 1} - {name}",
            f"{name} + {other}",
            f"{name} // 2",
            f"w[{name}]",
            "0",
            "3",
            "-1",
        )

    def element(self, names: list[str]) -> str:
        if self.tidy and self.random.random() < 0.8:
            return self.one(f"y[{self.index(names)}]", f"b[{self.index(names)}, {self.index(names)}]")
        if self.random.random() < 0.5:
            return f"{self.one('x', 'y')}[{self.index(names)}]"
        return f"{self.one('a', 'b')}[{self.index(names)}, {self.index(names)}]"

    def stored(self, names: list[str]) -> str:
        if not self.tidy or self.random.random() < 0.1:
            return self.element(names)
        first, last = names[0], self.random.choice(names)
        return self.one(f"x[{first}]", f"a[{first}, {last}]", f"a[{first}, {last} + 1]", f"x[2 * {first} + 1]")

    def value(self, names: list[str], depth: int = 2) -> str:
        if depth == 0 or self.random.random() < 0.3:
            return self.one(self.element(names), self.element(names), "s", "0.5", f"{self.random.choice(names)} * 1.5")
        left, right = self.value(names, depth - 1), self.value(names, depth - 1)
        return f"({left} {self.one('+', '-', '*')} {right})"

    def statement(self, names: list[str], pad: str, depth: int) -> list[str]:
        kind = self.random.random()
        if kind < 0.5:
            return [f"{pad}{self.stored(names)} {self.one('=', '=', '+=')} {self.value(names)}"]
        if kind < 0.65 and not (self.tidy and self.random.random() < 0.9):
            return [f"{pad}s {self.one('=', '=', '=', '+=')} {self.value(names)}"]
        if kind < 0.75 and not (self.tidy and self.random.random() < 0.8):
            return [f"{pad}r = {self.one('a', 'b')}[{self.index(names)}]", f"{pad}r[{self.index(names)}] = s"]
        if kind < 0.85:
            test = f"{pad}if {self.value(names, 1)} > {self.value(names, 1)}:"
            return [test, *self.statement(names, pad + "    ", 0)]
        return self.loop(names, pad, depth - 1) if depth else self.statement(names, pad, 0)

    def loop(self, names: list[str], pad: str, depth: int) -> list[str]:
        name = "ijkl"[len(names)]
        bound = self.one("n", "n", "5", "n - 1", *(names or ["n"]))
        header = self.one(
            f"range({bound})", f"range({bound})", f"range(1, {bound})", "range(n - 1, -1, -1)", "range(0, n, 2)"
        )
        lines = [f"{pad}for {name} in {header}:"]
        if self.tidy or self.random.random() < 0.6:
            lines.append(f"{pad}    s = {self.value([*names, name], 1)}")
        for _ in range(self.random.randint(1, 3)):
            lines += self.statement([*names, name], pad + "    ", depth)
        return lines

    def program(self) -> str:
        lines = ["def f(x, y, a, b, w, n):", "    s = 0.25"]
        for _ in range(self.random.randint(1, 3)):
            lines += self.loop([], "    ", 2)
        return (
            "\n".join([*lines, f"    return {self.one('x', 'y', 'a') if self.tidy else self.one('x', 's', 'a, s')}"])
            + "\n"
        )


def arguments(seed: int, shared: int) -> list[Any]:
    """Arrays; some of them may share memory."""
    draw = np.random.default_rng(seed)
    memory = draw.random(8 * SIZE * SIZE)
    x, y = memory[: 4 * SIZE], memory[4 * SIZE : 8 * SIZE]
    a, b = (
        memory[start : start + 4 * SIZE * SIZE].reshape(2 * SIZE, 2 * SIZE) for start in (8 * SIZE, 3 * SIZE * SIZE)
    )
    if shared != 1:
        x, y, a, b = x.copy(), y.copy(), a.copy(), b.copy()
    if shared == 2:
        a, b = np.asfortranarray(a), b[::-1]
    if shared == 3:
        y = x[1:]
    return [x, y, a, b, draw.permutation(SIZE), SIZE]


def ended(function: Any, given: list[Any]) -> Any:
    """How a call ended, with all bits of what it returned and of the arguments."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = function(*given)
            parts = result if isinstance(result, tuple) else (result,)
            end: Any = [np.asarray(part).tobytes() for part in parts]
        except (IndexError, OverflowError) as error:
            end = (type(error).__name__, str(error))
    return end, [np.asarray(one).tobytes() for one in given]


def difference(seed: int, folder: Path) -> tuple[str | None, int]:
    """What differs in the program of a seed, and how many of its loops are launched."""
    text = Writer(seed).program()
    path = folder / f"independent_{seed}.py"
    path.write_text(text)
    names: dict[str, Any] = {"__name__": f"independent_{seed}"}
    exec(compile(text, str(path), "exec"), names)
    kernel = _native.jit(names["f"], {"always": True, "parallel": "tested"})
    for shared in range(4):
        expected = ended(names["f"], arguments(seed, shared))
        for how in ("one", "three", "backwards"):
            _native.set_num_threads(3 if how == "three" else 1)
            _native.run_backwards(how == "backwards")
            actual = ended(kernel, arguments(seed, shared))
            _native.run_backwards(False)
            _native.set_num_threads(0)
            if actual != expected:
                return f"seed {seed}, {how}, memory {shared}\n{text}\n{kernel.explain()}", 0
    return None, kernel.explain().count("on several cores")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0, help="where the sequence starts")
    asked = parser.parse_args()
    different = launched = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(asked.seed, asked.seed + asked.count):
            found, loops = difference(seed, Path(folder))
            launched += loops
            if found:
                different += 1
                print(found, flush=True)
    print(f"{asked.count} programs, {launched} loops launched, {different} different")
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
