"""Random methods over attributes of `self`, CPython against compiled: the object's state is part of the outcome."""

from __future__ import annotations

import copy
import random
from pathlib import Path
from typing import Any

import numpy as np
from numlift import _native
from outcomes import TooLong, apart, ended, within_time

NUMBERS = ("a", "b", "t", "k")
ARRAYS = ("x", "y")


class Writer:
    """Writes a class with some methods that change its attributes."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.helpers = [f"helper{number}" for number in range(self.random.randrange(3))]
        self.fresh = 0

    def program(self) -> str:
        lines = ["import numpy as np", "", "", "class State:"]
        for number, name in enumerate(self.helpers):
            lines += [f"    def {name}(self, v):", *self.suite(2, 1, self.helpers[:number], ("v",), False)]
            lines += ["        return v", ""]
        lines += ["    def run(self, n, v):"]
        lines += self.suite(2, 3, self.helpers, ("v", "n"), True)
        lines += [f"        return {self.value(('v', 'n'))}", ""]
        return "\n".join(lines)

    def pick(self, *options: Any) -> Any:
        return self.random.choice(options)

    def number(self) -> str:
        return f"self.{self.pick(*NUMBERS)}"

    def element(self, names: tuple[str, ...]) -> str:
        index = self.pick("0", "1", "-1", "self.k % 4", *(f"{name} % 5" for name in names if name not in ("v", "n")))
        return f"self.{self.pick(*ARRAYS)}[{index}]"

    def value(self, names: tuple[str, ...], depth: int = 2) -> str:
        if depth == 0 or self.random.random() < 0.3:
            return self.pick(self.number(), self.number(), self.element(names), *names, "1", "0.5", "2", "-3")
        left, right = self.value(names, depth - 1), self.value(names, depth - 1)
        kind = self.random.random()
        if kind < 0.7:
            return f"({left} {self.pick('+', '-', '*')} {right})"
        if kind < 0.8:
            return f"min({left}, {right})"
        if kind < 0.9:
            return f"({left} if {right} > 0 else {self.number()})"
        return f"abs({left})"

    def suite(self, indent: int, depth: int, helpers: list[str], names: tuple[str, ...], returns: bool) -> list[str]:
        lines = []
        for _ in range(self.random.randint(1, 4)):
            lines += self.statement(indent, depth, helpers, names, returns)
        return lines

    def statement(
        self, indent: int, depth: int, helpers: list[str], names: tuple[str, ...], returns: bool
    ) -> list[str]:
        pad = "    " * indent
        kind = self.random.random()
        inner = (indent + 1, depth - 1, helpers, names, returns)
        if depth > 0 and kind < 0.2:
            self.fresh += 1
            name = f"i{self.fresh}"
            body = self.suite(indent + 1, depth - 1, helpers, (*names, name), returns)
            if self.random.random() < 0.3:
                body += [f"{pad}    if {self.value((*names, name))} > {self.pick(1, 50, 1000)}:"]
                body += [f"{pad}        {self.pick('break', 'continue')}"]
            return [f"{pad}for {name} in range({self.pick('3', '5', 'len(self.x)')}):", *body]
        if depth > 0 and kind < 0.4:
            lines = [f"{pad}if {self.value(names)} {self.pick('>', '<=', '==')} {self.value(names)}:"]
            lines += self.suite(*inner)
            if self.random.random() < 0.5:
                lines += [f"{pad}else:", *self.suite(*inner)]
            return lines
        if kind < 0.5:
            return [f"{pad}self.{self.pick(*NUMBERS)} {self.pick('+', '-', '*')}= {self.value(names)}"]
        if kind < 0.65:
            return [f"{pad}self.{self.pick(*NUMBERS)} = {self.value(names)}"]
        if kind < 0.78:
            return [f"{pad}{self.element(names)} {self.pick('', '+')}= {self.value(names)}"]
        if kind < 0.84:
            made = self.pick("self.x + self.y", "self.y * 0.5", "self.x.copy()", "np.zeros(5)", "self.x[::-1]")
            return [f"{pad}self.{self.pick(*ARRAYS)} = {made}"]
        if kind < 0.88:
            return [f"{pad}self.{self.pick(*ARRAYS)} += {self.pick('1.0', 'self.y', 'self.x')}"]
        if kind < 0.92 and helpers:
            return [f"{pad}self.{self.pick(*NUMBERS)} = self.{self.pick(*helpers)}({self.value(names)})"]
        if kind < 0.95:
            return [f"{pad}print({self.number()}, {self.element(names)})"]
        if kind < 0.97 and returns:
            return [f"{pad}return {self.value(names)}"]
        if kind < 0.985:
            return [f"{pad}if {self.value(names)} > 100000:", f"{pad}    raise ValueError({self.number()})"]
        return [f"{pad}{names[0]} = {self.value(names)}"]

    def attributes(self) -> dict[str, Any]:
        number = (0, 1, 2, -1, 0.0, 0.5, -2.5, 3.0, 2**62, np.float64(1.5))
        state: dict[str, Any] = {name: self.pick(*number) for name in NUMBERS[:3]}
        x = np.arange(5.0) - 1
        return {**state, "k": self.pick(0, 1, 7), "x": x, "y": x if self.random.random() < 0.1 else x * 0.5}


def difference(seed: int, folder: Path) -> tuple[str | None, str]:
    """What differs in the program of a seed, and whether it was compiled."""
    writer = Writer(seed)
    text = writer.program()
    path = folder / f"objects_{seed}.py"
    path.write_text(text)
    names: dict[str, Any] = {"__name__": f"objects_{seed}"}
    exec(compile(text, str(path), "exec"), names)
    kernel = _native.jit(names["State"].run, {"always": True})
    for _ in range(3):
        attributes = writer.attributes()
        arguments = [writer.pick(0, 1, 3), writer.pick(1, -2, 0.5, 2**61)]
        states = []
        for _ in range(2):
            state = names["State"]()
            vars(state).update(copy.deepcopy(attributes))
            states.append(state)
        try:
            expected = within_time(kernel.py_func, [states[0], *arguments])
        except TooLong:
            return None, "takes CPython too long"
        actual = ended(kernel, [states[1], *arguments])
        if found := apart(expected, actual):
            return f"seed {seed}\n{text}\n{attributes} {arguments}\n{found}", "different"
    reasons = [one["reason"] for one in kernel.specializations if not one["compiled"]]
    return None, reasons[0].splitlines()[0] if reasons else "compiled"
