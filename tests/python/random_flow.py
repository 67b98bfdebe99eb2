"""Random programs with every kind of control flow, and copies of them in which values that must not matter are poison.

What numlift says of a region is put to the test by running: before it, the names that it binds without reading them
first hold poison; behind it, on every way out, the names that nobody reads afterwards do; around it, those that it
does not touch. The output has to stay.
"""

from __future__ import annotations

import ast
import contextlib
import io
import random
from dataclasses import dataclass, field
from typing import Any

NUMBERS = list("abcdef")
LISTS = ["xs", "ys"]
MAX_STEPS = 300


@dataclass
class Writer:
    """Writes one program; `functions` are those that may be called at the place at hand."""

    random: random.Random
    functions: list[str] = field(default_factory=list)
    defined: int = 0

    def program(self) -> str:
        start = ["a, b, c, d, e, f = 1, 2, 3, 0, 1, 2", "xs, ys = [1, 2, 3], [0, 2]"]
        shown = ", ".join(self.random.sample(NUMBERS + LISTS, self.random.randint(0, 4))) or "0"
        if self.random.random() < 0.6:
            body = self.suite(1, 4, in_loop=False, in_function=True, count=self.random.randint(3, 6))
            lines = ["def main(n):", *("    " + line for line in start), *body, f"    return {shown}", "print(main(3))"]
        else:
            body = self.suite(0, 4, in_loop=False, in_function=False, count=self.random.randint(3, 7))
            lines = [*start, *body, f"print({shown})"]
        return "\n".join(lines) + "\n"

    def number(self) -> str:
        return self.random.choice(NUMBERS)

    def list(self) -> str:
        return self.random.choice(LISTS)

    def expression(self, depth: int = 2) -> str:
        inner = depth - 1
        forms = [
            (7, lambda: self.number()),
            (3, lambda: str(self.random.randint(0, 4))),
        ]
        if depth > 0:
            operator = self.random.choice(["+", "-", "*", "//", "%"])
            forms += [
                (2, lambda: f"({self.expression(inner)} {operator} {self.expression(inner)})"),
                (1, lambda: f"sum({self.list()})"),
                (1, lambda: f"sum([{self.expression(inner)} for {self.number()} in {self.list()}])"),
                (1, lambda: f"sum({self.expression(inner)} for {self.number()} in {self.list()})"),
                (1, lambda: f"({self.expression(inner)} if {self.condition(inner)} else {self.expression(inner)})"),
                (1, lambda: f"({self.number()} := {self.expression(inner)})"),
                (1, lambda: f"({self.condition(inner)} and ({self.number()} := {self.expression(inner)}) or 0)"),
                (1, lambda: f"(lambda z: z + {self.expression(inner)})({self.expression(inner)})"),
            ]
            if self.functions:
                forms.append((1, lambda: f"{self.random.choice(self.functions)}({self.expression(inner)})"))
        return self.choose(forms)

    def condition(self, depth: int = 1) -> str:
        operator = self.random.choice(["<", ">", "==", "!="])
        return f"({self.expression(depth)} {operator} {self.expression(depth)})"

    def choose(self, forms: list[tuple[int, Any]]) -> Any:
        weights, makers = zip(*forms, strict=True)
        return self.random.choices(makers, weights)[0]()

    def suite(self, level: int, depth: int, *, in_loop: bool, in_function: bool, count: int = 0) -> list[str]:
        lines = []
        for _ in range(count or self.random.randint(1, 3)):
            lines += self.statement(level, depth, in_loop, in_function)
        return lines

    def statement(self, level: int, depth: int, in_loop: bool, in_function: bool) -> list[str]:
        forms = [
            (12, lambda: [f"{self.number()} = {self.expression()}"]),
            (8, lambda: [f"{self.number()} {self.random.choice(['+=', '-='])} {self.expression()}"]),
            (4, lambda: [f"{self.list()}.append({self.expression()})"]),
            (3, lambda: [f"{self.list()} = [{self.expression(1)} for {self.number()} in {self.list()}]"]),
            (2, lambda: [f"{self.number()}, {self.number()} = {self.expression()}, {self.expression()}"]),
            (4, lambda: [f"print({self.number()})"]),
            (2, lambda: [f"{self.list()} = []"]),
            (1, self.deletion),
            (1, lambda: [f"if {self.condition()}: raise ZeroDivisionError"]),
        ]
        if in_loop:
            forms.append((2, lambda: [f"if {self.condition()}: {self.random.choice(['break', 'continue'])}"]))
        if in_function:
            forms.append((2, lambda: [f"if {self.condition()}: return {self.expression()}"]))
        if depth > 0:
            here = (depth - 1, in_loop, in_function)
            forms += [
                (17, lambda: self.for_loop(*here)),
                (6, lambda: self.while_loop(*here)),
                (10, lambda: self.branches(*here)),
                (9, lambda: self.handlers(*here)),
                (3, lambda: [f"with {self.random.choice(['swallow', 'keep'])}():", *self.inside(*here)]),
                (3, lambda: self.cases(*here)),
                (2, self.class_body),
                (5, lambda: self.function(in_function)),
            ]
        return ["    " * level + line for line in self.choose(forms)]

    def inside(self, depth: int, in_loop: bool, in_function: bool) -> list[str]:
        return self.suite(1, depth, in_loop=in_loop, in_function=in_function)

    def deletion(self) -> list[str]:
        name = self.number()
        return [f"del {name}", f"{name} = {self.expression()}"]

    def maybe(self, chance: float, head: str, *here: Any) -> list[str]:
        return [head, *self.inside(*here)] if self.random.random() < chance else []

    def for_loop(self, depth: int, in_loop: bool, in_function: bool) -> list[str]:
        target, iterable = self.random.choice(
            [
                (self.number(), f"range({self.expression(1)} % 4)"),
                (self.number(), f"{self.list()}[:4]"),
                (f"{self.number()}, {self.number()}", f"enumerate({self.list()}[:3])"),
            ]
        )
        body = self.inside(depth, True, in_function)
        lines = [f"for {target} in {iterable}:", "    step()", *body]
        return lines + self.maybe(0.2, "else:", depth, in_loop, in_function)

    def while_loop(self, depth: int, in_loop: bool, in_function: bool) -> list[str]:
        counter = self.number()
        body = self.inside(depth, True, in_function)
        lines = [f"while {counter} < {self.random.randint(1, 4)}:", "    step()", *body, f"    {counter} += 1"]
        return lines + self.maybe(0.2, "else:", depth, in_loop, in_function)

    def branches(self, *here: Any) -> list[str]:
        lines = [f"if {self.condition()}:", *self.inside(*here)]
        lines += self.maybe(0.3, f"elif {self.condition()}:", *here)
        return lines + self.maybe(0.5, "else:", *here)

    def handlers(self, depth: int, in_loop: bool, in_function: bool) -> list[str]:
        here = (depth, in_loop, in_function)
        lines = ["try:", *self.inside(*here)]
        kind = self.random.choice(["except", "finally", "both"])
        if kind != "finally":
            name = self.random.choice(["", f" as {self.number()}"])
            lines += [f"except ZeroDivisionError{name}:", *self.inside(*here), *self.maybe(0.3, "else:", *here)]
        if kind != "except":
            lines += ["finally:", *self.inside(depth, False, False)]
        return lines

    def cases(self, *here: Any) -> list[str]:
        first = [f"case {self.random.randint(0, 3)} | {self.random.randint(4, 6)}:", *self.inside(*here)]
        second = [f"case {self.number()} if {self.condition()}:", *self.inside(*here)]
        last = self.maybe(0.5, "case _:", *here)
        return [f"match {self.expression()}:", *("    " + line for line in first + second + last)]

    def class_body(self) -> list[str]:
        return ["class K:", f"    m = {self.expression(1)}", f"    {self.number()} = m + {self.number()}"]

    def function(self, in_function: bool) -> list[str]:
        self.defined += 1
        name, bound = f"g{self.defined}", self.number()
        body = ["    step()"]
        if self.random.random() < 0.3:
            body = [f"    {'nonlocal' if in_function else 'global'} {bound}", *body, f"    {bound} = h + 1"]
        elif self.random.random() < 0.5:
            body.append(f"    {bound} = h")
        lines = [f"def {name}(h):", *body, f"    return h + {self.number()}"]
        self.functions.append(name)
        return [*lines, f"{self.number()} = {name}({self.expression(1)})"]


class PoisonTouched(BaseException):
    """Somebody used a value that must not matter."""


class TooLong(BaseException):
    """The program made more steps than are waited for."""


class Poison:
    """Everything that can be done with it fails."""

    __hash__ = None

    def __getattr__(self, name: str) -> Any:
        raise PoisonTouched


def _touched(*_args: Any) -> Any:
    raise PoisonTouched


for _name in "add radd sub rsub mul rmul floordiv rfloordiv mod rmod lt gt eq ne bool iter len str repr".split():
    setattr(Poison, f"__{_name}__", _touched)


class Manager:
    """A context manager that swallows a division by zero, or does not."""

    def __init__(self, swallows: bool) -> None:
        self.swallows = swallows

    def __enter__(self) -> Manager:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_rest: Any) -> bool:
        return self.swallows and kind is not None and issubclass(kind, ZeroDivisionError)


def run(program: ast.Module | str) -> tuple[str, str]:
    """What the program prints, and the exception that ends it."""
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1
        if steps > MAX_STEPS:
            raise TooLong

    names = {
        "step": step,
        "swallow": lambda: Manager(True),
        "keep": lambda: Manager(False),
        "POISON": Poison(),
        "UNBOUND": object(),
        "__name__": "__main__",
    }
    output, end = io.StringIO(), ""
    with contextlib.redirect_stdout(output):
        try:
            exec(compile(program, "program", "exec"), names)
        except (Exception, PoisonTouched, TooLong) as error:
            end = type(error).__name__
    return output.getvalue(), end


def poisoned(source: str, region: dict[str, Any]) -> dict[str, ast.Module]:
    """Copies of the program with poison around one region, by what they test."""
    spec = region["spec"]
    live_in, binds, live_out = (set(spec[key]) for key in ("live_in", "binds", "live_out"))
    untouched = sorted({*NUMBERS, *LISTS} - live_in - binds - read_by_others(source, spec))
    save = "try: _saved_{0} = {0}\nexcept NameError: _saved_{0} = UNBOUND\n{0} = POISON"
    restore = "if _saved_{0} is UNBOUND: del {0}\nelse: {0} = _saved_{0}"
    tests = {
        "read first": (["{0} = POISON"], sorted(binds - live_in), [], []),
        "read later": ([], [], ["{0} = POISON"], sorted(binds - live_out)),
        "not touched": ([save], untouched, [restore], untouched),
        "bound at entry": (["{0}"], region["bound_at_entry"], [], []),
    }
    copies = {}
    for test, (before, names_before, after, names_after) in tests.items():
        first = parsed(before, names_before)
        last = parsed(after, names_after)
        if first or last:
            copies[test] = around(source, spec, first, last, always=True)
    if region["bound_at_exit"]:
        copies["bound at exit"] = around(source, spec, [], parsed(["{0}"], region["bound_at_exit"]), always=False)
    return copies


def parsed(templates: list[str], names: list[str]) -> list[ast.stmt]:
    text = "\n".join(template.format(name) for name in names for template in templates)
    return ast.parse(text).body


def around(
    source: str, spec: dict[str, Any], first: list[ast.stmt], last: list[ast.stmt], *, always: bool
) -> ast.Module:
    """The program with statements before and behind a region; `always` on every way out of it."""
    tree = ast.parse(source)
    suite, begin, end, _ = find(tree, spec)
    body = suite[begin:end]
    if last and always:
        body = [ast.Try(body=body, handlers=[], orelse=[], finalbody=last)]
    else:
        body = body + last
    suite[begin:end] = first + body
    return ast.fix_missing_locations(tree)


def find(tree: ast.Module, spec: dict[str, Any]) -> tuple[list[ast.stmt], int, int, ast.AST]:
    """The suite that holds a region, the region's bounds in it, and the function around it."""
    start = (spec["start"]["line"], spec["start"]["column"])
    end = (spec["end"]["line"], spec["end"]["column"])
    waiting: list[tuple[ast.AST, ast.AST]] = [(tree, tree)]
    while waiting:
        node, function = waiting.pop()
        for _, suite in ast.iter_fields(node):
            if isinstance(suite, list) and suite and isinstance(suite[0], ast.stmt):
                starts = [(stmt.lineno, stmt.col_offset) for stmt in suite]
                ends = [(stmt.end_lineno, stmt.end_col_offset) for stmt in suite]
                if start in starts and end in ends:
                    return suite, starts.index(start), ends.index(end) + 1, function
        for child in ast.iter_child_nodes(node):
            waiting.append((child, child if isinstance(child, ast.FunctionDef) else function))
    raise AssertionError(f"no statements at {start} to {end}")


def read_by_others(source: str, spec: dict[str, Any]) -> set[str]:
    """Names that functions nested in the one around the region mention: a call inside may read them."""
    function = find(tree := ast.parse(source), spec)[3]
    nested = (ast.FunctionDef, ast.Lambda, ast.GeneratorExp, ast.ClassDef)
    inner = [node for node in ast.walk(function) if node is not function and isinstance(node, nested)]
    if function is tree:
        inner = [node for node in ast.walk(tree) if isinstance(node, nested)]
    return {node.id for scope in inner for node in ast.walk(scope) if isinstance(node, ast.Name)}
