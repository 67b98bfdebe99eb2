"""Random programs that bind, rebind, import, delete and shadow a handful of names, and a check of each use of one."""

from __future__ import annotations

import ast
import importlib
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

NAMES = ["sum", "len", "abs", "sqrt", "floor", "mod", "foo"]
EXPECTED = "(NameError, TypeError, AttributeError, ImportError)"
MAX_STEPS = 50


@dataclass
class Writer:
    random: random.Random

    def program(self) -> str:
        lines = ["import math"]
        # Where names are used before they are bound, the rest of the program should run all the same.
        careful = self.random.random() < 0.7
        for _ in range(self.random.randint(4, 10)):
            statement = self.statement(0, 3, False)
            if careful and not statement[0].startswith("from math import *"):
                statement = ["try:", *("    " + line for line in statement), f"except {EXPECTED}: pass"]
            lines += statement
        return "\n".join(lines) + "\n"

    def name(self) -> str:
        return self.random.choice(NAMES)

    def suite(self, level: int, depth: int, count: int, *, in_function: bool) -> list[str]:
        lines: list[str] = []
        for _ in range(count):
            lines += ["    " * level + line for line in self.statement(level, depth, in_function)]
        return lines

    def statement(self, level: int, depth: int, in_function: bool) -> list[str]:
        forms: list[tuple[int, Callable[[], list[str]]]] = [(55, lambda: self.simple(level))]
        if depth > 0:
            inner = (depth - 1, in_function)
            forms += [
                (12, lambda: ["if coin():", *self.inside(*inner), "else:", *self.inside(*inner)]),
                (8, lambda: ["for _ in range(2):", *self.inside(*inner)]),
                (8, lambda: self.handler(*inner)),
                (16, lambda: self.function(*inner)),
            ]
        weights, makers = zip(*forms, strict=True)
        return self.random.choices(makers, weights)[0]()

    def inside(self, depth: int, in_function: bool) -> list[str]:
        return self.suite(1, depth, self.random.randint(1, 3), in_function=in_function)

    def handler(self, *inner: Any) -> list[str]:
        name = self.random.choice(["", f" as {self.name()}"])
        return ["try:", *self.inside(*inner), f"except {EXPECTED}{name}:", *self.inside(*inner)]

    def function(self, depth: int, in_function: bool) -> list[str]:
        name = self.random.choice([*NAMES, "f", "g"])
        outer = "nonlocal" if in_function and self.random.random() < 0.5 else "global"
        declared = [f"    {outer} {self.name()}"] if self.random.random() < 0.3 else []
        parameter = self.random.choice(["", "", f"{self.name()}=1"])
        body = self.suite(1, depth, self.random.randint(1, 4), in_function=True)
        lines = [f"def {name}({parameter}):", *declared, "    step()", *body]
        return lines + self.random.choice([[], ["try:", f"    {name}()", f"except {EXPECTED}: pass"]])

    def simple(self, level: int) -> list[str]:
        name, other, third = self.name(), self.name(), self.name()
        imported = self.random.choice(
            ["math import sqrt", "math import floor", "operator import abs", "operator import mod"]
        )
        forms = [
            (40, [f"use({name}, {other})"]),
            (8, [f"{name} = {other}"]),
            (5, [f"{name} = 3"]),
            (4, [f"from {imported}"]),
            (4, [f"from {imported} as {name}"]),
            (4, [f"import math as {name}"]),
            (4, [f"del {name}"]),
            (4, [f"{name} = math.sqrt"]),
            (4, [f"use([{other} for {name} in [1, 2]], {third})"]),
            (3, [f"use(({name} := 5), {other})"]),
            (3, [f"use((lambda {name}: {other})(7))"]),
            (4, [f"for {name} in ({other}, 2): use({third})"]),
            (
                3,
                [
                    f"class {name}:",
                    f"    use({other})",
                    f"    {third} = 1",
                    f"    def m(self): return use({other}, {third})",
                ],
            ),
            (1, ["math.sqrt = 4" if self.random.random() < 0.2 else "pass"]),
            (1, [f"globals()['{name}'] = 6" if self.random.random() < 0.2 else "pass"]),
            (1, ["from math import *" if level == 0 and self.random.random() < 0.5 else "pass"]),
        ]
        weights, texts = zip(*forms, strict=True)
        return self.random.choices(texts, weights)[0]


class TooLong(BaseException):
    """The program made more steps than are waited for."""


class Instrument(ast.NodeTransformer):
    """Passes each use of a name to `check`, with its place."""

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if not isinstance(node.ctx, ast.Load) or node.id not in {*NAMES, "math", "f", "g"}:
            return node
        place = ast.Constant((node.lineno, node.col_offset))
        return ast.Call(ast.Name("check", ast.Load()), [node, place], [])


def run(source: str, meanings: dict[tuple[int, int], str]) -> tuple[int, list[str]]:
    """How many uses of resolved names there were, and which were something else."""
    tree = ast.fix_missing_locations(Instrument().visit(ast.parse(source)))
    steps, seen, wrong = 0, 0, []
    coins = random.Random(1)

    def check(value: Any, place: tuple[int, int]) -> Any:
        nonlocal seen
        if place in meanings:
            seen += 1
            if not is_meant(value, meanings[place]):
                wrong.append(f"{place}: {meanings[place]} is {value!r}")
        return value

    def step() -> None:
        nonlocal steps
        steps += 1
        if steps > MAX_STEPS:
            raise TooLong

    names = {
        "check": check,
        "step": step,
        "use": lambda *_: None,
        "coin": lambda: coins.random() < 0.5,
        "__name__": "__main__",
    }
    saved = dict(vars(math))
    try:
        exec(compile(tree, "program", "exec"), names)
    except (Exception, TooLong):
        pass
    finally:
        vars(math).update(saved)
    return seen, wrong


def is_meant(value: Any, meaning: str) -> bool:
    kind, _, qualname = meaning.partition(" ")
    if qualname:
        return isinstance(value, type) == (kind == "class") and getattr(value, "__qualname__", "") == qualname
    module, _, member = meaning.partition(".")
    owner = importlib.import_module(module)
    return value is (getattr(owner, member) if member else owner)
