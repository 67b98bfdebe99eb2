"""Random loop nests over elements of matrices: what is fused, put in another order, vectorized and launched.

    for i in range(1, 6):
        for j in range(0, 5):
            a[j, i] = a[j + 1, i - 1] * 0.5 + b[i, j]

Subscripts are the indices, moved by one or not, in either order, so that iterations hang on each other in many ways.
Matrices may lie in memory either way round, and share it.
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np

SIZE = 7
NAMES = "abcx"


class NestWriter:
    """Writes one program."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.random = random.Random(f"nests {seed}")

    def one(self, *options: str) -> str:
        return self.random.choice(options)

    def subscript(self, index: str) -> str:
        return self.one(index, index, index, f"{index} - 1", f"{index} + 1")

    def element(self) -> str:
        one, other = self.random.choice([("i", "j"), ("j", "i"), ("i", "j"), ("j", "i"), ("i", "i"), ("0", "j")])
        if self.random.random() < 0.15:
            return f"v[{self.subscript(self.one('i', 'j'))}]"
        return f"{self.one(*NAMES)}[{self.subscript(one)}, {self.subscript(other)}]"

    def value(self, depth: int = 1) -> str:
        if depth == 0:
            return self.one(self.element(), self.element(), "0.5", "t", "i * 1.0")
        return f"{self.value(depth - 1)} {self.one('+', '-', '*')} {self.value(depth - 1)}"

    def skewed(self) -> list[str]:
        """A nest that goes through columns, and whose iterations hang on each other across both loops."""
        name = self.one(*NAMES)
        moved = [f"{name}[j {self.one('-', '+')} 1, i {self.one('-', '+')} 1]", f"{name}[j, i {self.one('-', '+')} 1]"]
        lines = [f"    for i in {self.one('range(1, n)', 'range(n - 1, 0, -1)')}:"]
        lines += [f"        for j in {self.one('range(1, n)', 'range(1, n)', 'range(n - 1, 0, -1)')}:"]
        return [*lines, f"            {name}[j, i] = {self.one(*moved)} * 0.5 {self.one('+', '-')} t"]

    def nest(self) -> list[str]:
        if self.random.random() < 0.3:
            return self.skewed()
        bounds = ("range(1, n)", "range(1, n)", "range(1, 4)", "range(n - 1, 0, -1)", "range(1, n, 2)")
        lines = [f"    for i in {self.one(*bounds)}:"]
        if self.random.random() < 0.2:
            lines += [f"        v[i] {self.one('=', '+=')} {self.value().replace('j', 'i')}"]
        lines += [f"        for j in {self.one(*bounds, 'range(1, i + 1)')}:"]
        for _ in range(self.random.choice([1, 1, 1, 2])):
            lines += [f"            {self.element()} {self.one('=', '=', '+=')} {self.value()}"]
        return lines

    def program(self) -> str:
        lines = ["def f(a, b, c, x, v, n, t):"]
        for _ in range(self.random.randint(1, 3)):
            lines += self.nest()
            if self.random.random() < 0.2:
                lines += [f"    {self.one('a[1:] = b[:-1]', 'x = a + b', 'x = b.T', 'x = a[::-1]', 'c[:] = a * x')}"]
        return "\n".join([*lines, "    return a, b, c, x, v"]) + "\n"

    def arguments(self, kind: int, draw: int) -> list[Any]:
        layout = random.Random(f"layout {self.seed} {kind}")
        numbers = np.random.default_rng([draw, self.seed % 2**32])
        memory = numbers.integers(-8, 9, 8 * SIZE * SIZE) / 4.0
        matrices = [memory[at : at + SIZE * SIZE].reshape(SIZE, SIZE) for at in range(0, 4 * SIZE * SIZE, SIZE * SIZE)]
        if layout.random() < 0.3:
            # They overlap.
            at = layout.choice([1, SIZE, SIZE + 1])
            matrices[1] = memory[at : at + SIZE * SIZE].reshape(SIZE, SIZE)
        for place in range(4):
            if layout.random() < 0.2:
                matrices[place] = matrices[place].T
        vector = memory[-SIZE:] if layout.random() < 0.7 else matrices[0][1]
        return [*matrices, vector, SIZE - 1, 0.5]
