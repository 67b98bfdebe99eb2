"""The largest error of each function over every float32 there is, in ulp, against the function of float64.

    python tests/math/every_float32.py exp sin            4,294,967,296 arguments each: about a minute a function
    python tests/math/every_float32.py --step 97 exp      every 97th of them

What is known of the float64 function (`accuracy.py`) is far below what counts here. Where one is NaN or infinite the
other has to be, too.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
from definitions import ARITY, Compiled

CHUNK = 1 << 22
UNARY = [function for function, arity in ARITY.items() if arity == 1]


def errors(got: Any, wanted: Any) -> Any:
    """In units in the last place of what is wanted; infinity is what follows the largest float32."""
    exponent = np.clip(np.frexp(wanted)[1] - 1, -126, 127)
    limit = np.float64(2.0**128)
    value = np.clip(got.astype(np.float64), -limit, limit)
    capped = np.clip(wanted, -limit, limit)
    found = np.ldexp(np.abs(value - capped), 23 - exponent)
    return np.where(np.isnan(got) & np.isnan(wanted), 0.0, np.where(np.isnan(found), np.inf, found))


def largest(function: str, step: int = 1) -> tuple[float, float, int]:
    """The largest error, its argument, and how many there were."""
    narrow, wide = Compiled(function, "f32"), Compiled(function, "f64")
    worst, place, count = 0.0, 0.0, 0
    for start in range(0, 1 << 32, CHUNK * step):
        bits = np.arange(start, min(start + CHUNK * step, 1 << 32), step, dtype=np.uint32)
        x = bits.view(np.float32)
        with np.errstate(all="ignore"):
            found = errors(narrow(x), wide(x.astype(np.float64)))
        at = int(found.argmax())
        count += x.size
        if found[at] > worst:
            worst, place = float(found[at]), float(x[at])
    return worst, place, count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("functions", nargs="*", default=UNARY)
    parser.add_argument("--step", type=int, default=1)
    options = parser.parse_args()
    print(f"{'function':10}{'arguments':>12}{'ulp':>9}   at")
    for function in options.functions:
        error, place, count = largest(function, options.step)
        print(f"{function:10}{count:>12}{error:>9.4f}   {place!r}", flush=True)


if __name__ == "__main__":
    main()
