"""What a call of a compiled function costs, beside a call of an empty Python function in the same run.

    python benches/calls.py [--check]

Nanoseconds, the best of several rounds; `--check` fails where a figure is beyond its bar. Measure a release build
(`cargo xtask setup`).
"""

import argparse
import statistics
import sys
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numlift
import numpy as np

ROUNDS, CALLS = 15, 50_000

factor = 2.0
weights = np.arange(4.0)


@numlift.jit
def one_array(x: Any) -> Any:
    return x[0]


@numlift.jit
def four_arrays(x: Any, y: Any, z: Any, w: Any) -> Any:
    return x[0] + y[0] + z[0] + w[0]


@numlift.jit
def two_matrices(x: Any, y: Any) -> Any:
    return x[0, 0] * y[1, 1]


@numlift.jit
def numbers(a: Any, b: Any, c: Any) -> Any:
    return a * b + c


@numlift.jit
def by_name(a: Any, b: Any = 2.0, *, c: Any = 3.0) -> Any:
    return a * b + c


@numlift.jit
def with_globals(x: Any) -> Any:
    return np.sqrt(x[0]) * factor + weights[1]


@numlift.jit
def gives_itself(x: Any) -> Any:
    x[0] = 1.0
    return x


@numlift.jit
def gives_a_view(x: Any) -> Any:
    return x[1:]


@numlift.jit
def gives_an_array(x: Any) -> Any:
    return x + 1.0


@numlift.jit
def runs_a_piece(x: Any) -> Any:
    y = abs(x)
    return y[0]


@numlift.jit
def is_left(x: Any, i: Any) -> Any:
    s = i * i
    return s + x[0]


class Owner:
    @numlift.jit
    def method(self, x: Any) -> Any:
        return x + 1.0


def cost(function: Callable[..., Any], *arguments: Any) -> float:
    """Nanoseconds of one call, with the loop around it."""
    names = ", ".join(f"a{number}" for number in range(len(arguments)))
    text = f"def run(f, clock, {names}):\n t = clock()\n for _ in range({CALLS}): f({names})\n return clock() - t"
    made: dict[str, Any] = {}
    exec(text, made)
    times = [made["run"](function, perf_counter, *arguments) for _ in range(ROUNDS)]
    return float(min(times) / CALLS * 1e9)


def empty(count: int) -> Callable[..., Any]:
    made: dict[str, Any] = {}
    exec(f"def empty({', '.join(f'a{number}' for number in range(count))}): pass", made)
    return made["empty"]  # type: ignore[no-any-return]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail where a figure is beyond its bar")
    check = parser.parse_args().check
    x, square = np.arange(1.0, 5.0), np.ones((4, 4))
    cases: list[tuple[str, Callable[..., Any], tuple[Any, ...], float | None]] = [
        ("one array, a scalar back", one_array, (x,), 200),
        ("four arrays, a scalar back", four_arrays, (x, x.copy(), x.copy(), x.copy()), 400),
        ("two matrices", two_matrices, (square, square.copy()), None),
        ("three floats", numbers, (1.0, 2.0, 3.0), None),
        ("three ints", numbers, (1, 2, 3), None),
        ("defaults filled in", by_name, (1.0,), None),
        ("a module, a global, a global array", with_globals, (x,), None),
        ("an array that is handed back", gives_itself, (x,), None),
        ("a view", gives_a_view, (x,), None),
        ("a new array", gives_an_array, (x,), None),
        ("a method", Owner().method, (1.0,), None),
        ("a piece that runs in Python", runs_a_piece, (x,), None),
        ("an int that leaves 64 bits", is_left, (x, 2**40), None),
    ]
    beyond = []
    empties = {count: cost(empty(count), *([None] * count)) for count in range(1, 5)}
    print(f"{'':38}{'call':>9}{'empty':>9}   ns")
    for name, function, arguments, bar in cases:
        function(*arguments)
        nanoseconds = cost(function, *arguments)
        print(f"{name:38}{nanoseconds:9.1f}{empties[len(arguments)]:9.1f}{f'   bar {bar:.0f}' if bar else ''}")
        if bar is not None and nanoseconds > bar:
            beyond.append(name)
    print(f"median of the empty calls {statistics.median(empties.values()):.1f} ns")
    if check and beyond:
        sys.exit(f"beyond their bars: {', '.join(beyond)}")


if __name__ == "__main__":
    main()
