"""The elementary functions of compiled code against NumPy's own loops: contiguous arrays of 100,000, in alternation.

    python benches/vector_math.py [--quick] [--json FILE] [WORD…]

Nanoseconds an element and the median of the ratios (above 1: faster than NumPy). WORD picks functions by name. The bar
is NumPy's speed for the float64 functions in `BAR`; others are measured, and where they are slower that shows.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import _intervals
import _programs
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "math"))

from definitions import ARITY, PRECISIONS, TYPES, Compiled

BAR = ("exp", "log", "sin", "cos")
COUNT = 100_000
PAIRS, QUICK_PAIRS, INNER = 15, 5, 4
NUMPY = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2", "pow": "power"} | {
    "asinh": "arcsinh",
    "acosh": "arccosh",
    "atanh": "arctanh",
}
RANGES = {"asin": (-1.0, 1.0), "acos": (-1.0, 1.0), "atanh": (-0.99, 0.99), "acosh": (1.0, 20.0)}


def best(call: Callable[[], Any]) -> float:
    """The least of some calls, in nanoseconds an element."""
    times = []
    for _ in range(INNER):
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return min(times) / COUNT * 1e9


def measure(function: str, precision: str, pairs: int) -> dict[str, Any]:
    compiled = Compiled(function, precision)
    rng = np.random.default_rng(0)
    low, high = RANGES.get(function, (0.01, 10.0))
    first, second = rng.uniform(low, high, COUNT), rng.uniform(-3, 3, COUNT)
    columns = [column.astype(TYPES[precision][2]) for column in (first, second)[: ARITY[function]]]
    out = np.empty_like(columns[0])
    pointers = [column.ctypes.data for column in (*columns, out)]
    numpys = getattr(np, NUMPY.get(function, function))
    ours, theirs = [], []
    for _ in range(pairs):
        ours.append(best(lambda: compiled.loop(*pointers, COUNT)))
        theirs.append(best(lambda: numpys(*columns, out)))
    ratio, least, most = _intervals.median_interval([b / a for a, b in zip(ours, theirs, strict=True)])
    row = {"function": function, "type": precision, "lanes": compiled.lanes(), "ns": min(ours), "numpy": min(theirs)}
    return row | {"ratio": ratio, "interval": [least, most]}


def main() -> int:
    options = _programs.arguments("the elementary functions of compiled code against NumPy's own loops")
    _programs.show_machine()
    print(f"\n{'function':9} {'type':5} {'lanes':>5} {'ours':>7} {'NumPy':>7} {'speed':>6}  95 % interval")
    rows = []
    for function in ARITY:
        if options.words and function not in options.words:
            continue
        for precision in PRECISIONS:
            row = measure(function, precision, QUICK_PAIRS if options.quick else PAIRS)
            least, most = row["interval"]
            print(
                f"{function:9} {precision:5} {row['lanes']:>5} {row['ns']:>7.2f} {row['numpy']:>7.2f} "
                f"{row['ratio']:>6.2f}  {least:.2f} to {most:.2f}",
                flush=True,
            )
            rows.append(row)
    _programs.write_results(options.json, "vector_math", rows)
    missed = [row["function"] for row in rows if row["type"] == "f64" and row["interval"][1] < 0.9]
    missed = [function for function in missed if function in BAR]
    if missed:
        print(f"slower than NumPy: {', '.join(missed)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
