"""Random programs whose loops stand in the module itself, under CPython against what `numlift run` makes of them.

    python tests/generator/compiling_modules.py --count 300 --seed 0

What the module's names are behind it, what it printed, and the exception with its message and line have to be the
same.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from compiling_lists import ListWriter
from numlift import _hot
from outcomes import TooLong, limited_time, plain
from programs import DEEPEST, Writer

PRESENT = """\
import math
import numpy as np
x, y, m = np.arange(5.0) - 1.0, np.array([1, -2, 3, 0, 5]), np.arange(12.0).reshape(3, 4) / 3.0
n, t, s, u = {n}, {t}, 0.5, 1.0
i, j, k = 1, 2, 3
a, b, c, r = [0.5, -1.0, 2.25, 0.0], [1, 0, -2, 7], [], [[1.0, 2.5], [0.5, -0.5], [2.0, 1.0, 3.0]]
row = r[0]
"""


def program(seed: int) -> str:
    """The text of a module: loops between statements."""
    writer: Writer = ListWriter(seed) if seed % 2 else Writer(seed)
    # There is nothing to return to.
    writer.leave = lambda in_loop: "raise ValueError('here')"  # type: ignore[method-assign]
    lines = [PRESENT.format(n=writer.one("3", "0", "-1", "7", "2**62"), t=writer.one("0.5", "2.0", "0.0"))]
    if writer.random.random() < 0.3:
        lines.append("del i, s")
    for _ in range(writer.random.randint(1, 3)):
        lines.append(f"print({writer.one('n', 'k', 't', 'x', 'c')})")
        lines += writer.loop(0, DEEPEST, False)
        lines += writer.bounded(0, DEEPEST - 1) if writer.random.random() < 0.3 else []
    return "\n".join(lines) + "\n"


def ended(code: Any) -> tuple[Any, ...]:
    """What a module prints, how it ends, and its names."""
    names: dict[str, Any] = {"__name__": "__main__"}
    printed, end = io.StringIO(), None
    with warnings.catch_warnings(), contextlib.redirect_stdout(printed), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            exec(code, names)
        except Exception as error:
            own = [one for one in traceback.extract_tb(error.__traceback__) if one.name == "<module>"]
            end = (type(error).__name__, str(error), own[-1].lineno)
    kept = {
        name: plain(value) for name, value in names.items() if not name.startswith("__") and name not in ("np", "math")
    }
    return printed.getvalue(), end, sorted(kept.items(), key=lambda item: item[0])


def difference(seed: int, folder: Path) -> tuple[str | None, int]:
    """What differs in the program of a seed, and how many of its loops were compiled. `TooLong`: CPython takes long."""
    text = program(seed)
    path = folder / f"module_{seed}.py"
    path.write_text(text)
    _hot.at_once, before = True, len(_hot.kernels)
    with limited_time():
        expected = ended(compile(text, str(path), "exec"))
    actual = ended(_hot.compile_hot(text, str(path)))
    compiled = sum(bool(kernel.watched["compiled"][0]) for kernel in _hot.kernels[before:])
    if expected != actual:
        which = [pair for pair in zip(expected[2], actual[2]) if pair[0] != pair[1]]
        return f"seed {seed}\n{text}\nCPython  {expected[:2]}\ncompiled {actual[:2]}\n{which}", compiled
    return None, compiled


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0, help="where the sequence starts")
    parser.add_argument("--shown", type=int, default=5, help="how many differences are shown")
    asked = parser.parse_args()
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(asked.seed, asked.seed + asked.count):
            try:
                found, compiled = difference(seed, Path(folder))
            except TooLong:
                outcomes["takes CPython too long"] += 1
                continue
            outcomes["different" if found else f"{compiled} loops compiled"] += 1
            if found and outcomes["different"] <= asked.shown:
                print(found, flush=True)
    for outcome, times in outcomes.most_common():
        print(f"{times:7} {outcome}")
    sys.exit(1 if outcomes["different"] else 0)


if __name__ == "__main__":
    main()
