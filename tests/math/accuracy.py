"""The largest error of each function, in ulp, against mpmath.

python tests/math/accuracy.py                           100,000 arguments each: some minutes a function
python tests/math/accuracy.py --count 5000 exp sin
python tests/math/accuracy.py --without-fma             as on a machine that has no fused multiply-add
"""

from __future__ import annotations

import argparse
from typing import Any

from arguments import arguments, pairs
from definitions import ARITY, PRECISIONS, TYPES, Compiled
from exact import exact, is_defined, is_far, ulps


def asked(function: str, precision: str, count: int, seed: int = 0) -> list[Any]:
    """Arrays of arguments where the function is defined."""
    dtype = TYPES[precision][2]
    columns = [arguments(function, dtype, count, seed)] if ARITY[function] == 1 else pairs(function, dtype, count, seed)
    kept = [
        all(map(bool, [is_defined(function, *row), not is_far(function, *row)]))
        for row in zip(*(column.tolist() for column in columns), strict=True)
    ]
    return [column[kept] for column in columns]


def wanted(function: str, columns: list[Any]) -> list[Any]:
    """The exact results."""
    return [exact(function, *row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def largest(got: Any, exacts: list[Any], columns: list[Any], precision: str) -> tuple[float, tuple[float, ...]]:
    """The largest error and where it is."""
    errors = [ulps(result, value, precision) for result, value in zip(got.tolist(), exacts, strict=True)]
    place = max(range(len(errors)), key=errors.__getitem__)
    return errors[place], tuple(column[place].item() for column in columns)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("functions", nargs="*", default=list(ARITY))
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--without-fma", action="store_true")
    options = parser.parse_args()
    print(f"{'function':10}{'type':6}{'arguments':>10}{'lanes':>7}{'ulp':>9}   at")
    for function in options.functions:
        for precision in PRECISIONS:
            columns = asked(function, precision, options.count, options.seed)
            compiled = Compiled(function, precision, fma=not options.without_fma)
            error, place = largest(compiled(*columns), wanted(function, columns), columns, precision)
            shown = ", ".join(f"{number!r}" for number in place)
            row = f"{function:10}{precision:6}{columns[0].size:>10}{compiled.lanes():>7}{error:>9.4f}   {shown}"
            print(row, flush=True)


if __name__ == "__main__":
    main()
