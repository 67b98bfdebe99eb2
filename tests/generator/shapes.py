"""What all kinds of programs are made of: names, random expressions, conditions, and the program with its label."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

LIFTABLE = "liftable"
REFUSED = "refused"
OPEN = "open"


@dataclass
class Made:
    """A generated program."""

    kind: str
    label: str
    source: str
    function: str
    inputs: str


Kind = Callable[[Random], Made]
KINDS: dict[str, tuple[str, Kind]] = {}


def kind(label: str) -> Callable[[Callable[[Random], tuple[str, str]]], Callable[[Random], tuple[str, str]]]:
    """Registers a kind of program: a function that gives the inputs and the text of the program."""

    def register(make: Callable[[Random], tuple[str, str]]) -> Callable[[Random], tuple[str, str]]:
        name = make.__name__

        def made(rng: Random) -> Made:
            inputs, text = make(rng)
            source = "import math\n\nimport numpy as np\n\n\n" + textwrap.dedent(text).strip("\n") + "\n"
            return Made(name, label, source, "kernel", inputs)

        KINDS[name] = (label, made)
        return make

    return register


def generate(rng: Random) -> Made:
    """A program of a random kind."""
    return KINDS[rng.choice(sorted(KINDS))][1](rng)


def number(rng: Random) -> str:
    return rng.choice(["2.0", "0.5", "-1.5", "3.0", "0.1", "1.0", "7.25", "2", "3", "-1"])


def expression(rng: Random, atoms: list[str], depth: int = 2) -> str:
    """Arithmetic that raises for no floats; every atom may occur, the first one does."""
    return combined(rng, atoms[0], atoms, depth)


def combined(rng: Random, first: str, atoms: list[str], depth: int) -> str:
    if depth == 0:
        return first
    other = rng.choice([*atoms, number(rng), number(rng)])
    if rng.random() < 0.3:
        other = combined(rng, rng.choice(atoms), atoms, depth - 1)
    inner = combined(rng, first, atoms, depth - 1)
    form = rng.choice(["{a} + {b}", "{a} - {b}", "{a} * {b}", "{b} - {a}", "({a}) * ({b})", "abs({a}) + {b}"])
    if rng.random() < 0.25:
        form = rng.choice(["({a}) * ({a})", "({a}) / 4.0", "-({a})", "np.sqrt(abs({a}))", "np.sin({a})", "({a}) ** 2"])
    return form.format(a=bracketed(inner), b=bracketed(other))


def bracketed(text: str) -> str:
    plain = text.replace("[", "").replace("]", "").replace(".", "").replace("_", "").replace(", ", "")
    return text if plain.isalnum() else f"({text})"


def condition(rng: Random, atoms: list[str], joined: bool = True) -> str:
    left = rng.choice(atoms)
    right = rng.choice([*atoms, number(rng), number(rng)])
    plain = f"{left} {rng.choice(['<', '>', '<=', '>=', '==', '!='])} {right}"
    if joined and rng.random() < 0.25:
        return f"{plain} {rng.choice(['and', 'or'])} {condition(rng, atoms, joined=False)}"
    if rng.random() < 0.1:
        return f"{number(rng)} < {left} < 5.0"
    return plain


def dtype(rng: Random) -> str:
    return rng.choice(["f64", "f64", "f64", "f32"])


def length(rng: Random, name: str) -> str:
    return rng.choice([f"len({name})", f"{name}.shape[0]", f"{name}.size"])


def zeros(rng: Random, size: str, like: str) -> str:
    """A buffer of floats for results."""
    forms = [f"np.zeros({size})", f"np.empty({size})", f"np.zeros_like({like})", f"np.empty_like({like})"]
    return rng.choice(forms[:2] if rng.random() < 0.7 else forms)


def block(text: str, by: int = 4) -> str:
    return textwrap.indent(textwrap.dedent(text).strip("\n"), " " * by)
