"""What numlift costs: watching, checking and measuring, for scripts of T seconds; and what `--for` gives.

    python benches/cost.py [--quick] [--json FILE] [WORD…]

Bars: watching at most 1.15 T + 1 s, checking and measuring at most 0.5 T + 2 s, with T the median wall time of
`python script.py` in the same minutes; and from a script that would run for an hour, stopped by `--for`, the cure of
its hot loop, soon after. Times come from the report's `spent`; the command's own wall time is shown beside them. Exit
code 1 when a bar is missed.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import _programs

PLAIN_RUNS = 3
# Seconds of `--for`, and how much longer than watching and checking the command may take to start and to end.
WATCHED = 8.0
QUICK_WATCHED = 3.0
STARTING = 2.0

# Many regions, deep recursion, functions that take less than a microsecond: what hooks are hardest on.
CALLED_OFTEN = """
import numpy as np
def at(x, k):
    s = 0.0
    for d in (-1, 0, 1):
        s += x[k + d]
    return s
x = np.random.default_rng(1).random(1000)
total = 0.0
for turn in range({turns}):
    total += at(x, 1 + turn % 998)
print(total)
"""
RECURSIVE = """
import sys
sys.setrecursionlimit(100000)
def depth(n):
    for _ in range(1):
        if n > 0:
            return 1 + depth(n - 1)
    return 0
def fib(n):
    total = 0
    for k in (1, 2):
        if n >= k:
            total += fib(n - k)
    return total or 1
for _ in range({turns}):
    depth(900)
print(fib(24))
"""
LARGE = """
import numpy as np
x = np.ones({size})
def total(x):
    s = 0.0
    for k in range(0, len(x), {step}):
        s += x[k]
    return s
print(total(x), total(x[::-1]))
"""
ENDLESS = """
import numpy as np
rng = np.random.default_rng(3)
def smooth(x):
    out = x.copy()
    for i in range(1, len(x) - 1):
        out[i] = (x[i - 1] + x[i] + x[i + 1]) / 3
    return out
x = rng.random(200000)
while True:
    x = smooth(x)
"""


def many_regions(turns: int) -> str:
    """A script of 200 loops."""
    loops = [f"def f{k}(x):\n    s = 0.0\n    for v in x:\n        s += v * {k}\n    return s\n" for k in range(200)]
    calls = "\n    ".join(f"total += f{k}(x)" for k in range(200))
    return f"x = [0.5] * 50\n{''.join(loops)}total = 0.0\nfor turn in range({turns}):\n    {calls}\nprint(total)\n"


def made_up(*, quick: bool) -> dict[str, str]:
    """Scripts that are hard to watch."""
    less = 4 if quick else 1
    return {
        "called a million times": CALLED_OFTEN.format(turns=1_000_000 // less),
        "recursive": RECURSIVE.format(turns=400 // less),
        "200 regions": many_regions(1200 // less),
        "an array of 1 GB": LARGE.format(size=(1 << 27) // less, step=40),
    }


def main() -> int:
    options = _programs.arguments("what watching, checking and measuring cost")
    _programs.show_machine()
    print(f"\n{'program':24} {'T':>7} {'watching':>9} {'bar':>6} {'checking':>9} {'bar':>6} {'re-run':>7} {'all':>6}")
    rows: list[dict[str, Any]] = []
    for program in _programs.programs(options.words, variants=not options.quick):
        rows.append(shown(measure(program)))
    with tempfile.TemporaryDirectory(prefix="numlift-bench-") as folder:
        for name, text in made_up(quick=options.quick).items():
            if options.words and not any(word in name for word in options.words):
                continue
            path = Path(folder) / f"{name.replace(' ', '_')}.py"
            path.write_text(text, encoding="utf-8")
            rows.append(shown(measure(_programs.Program(name, path, path))))
    if not options.words:
        rows.append(endless(QUICK_WATCHED if options.quick else WATCHED))
    missed = [f"{row['program']}: {row['missed']}" for row in rows if row["missed"]]
    _programs.write_results(options.json, "cost", rows)
    if missed:
        print("missed:", "; ".join(missed))
    return 1 if missed else 0


def measure(program: _programs.Program) -> dict[str, Any]:
    """One program: plain, then under numlift."""
    plain = median(wall_time(_programs.main_of(program.path)) for _ in range(PLAIN_RUNS))
    with tempfile.TemporaryDirectory(prefix="numlift-bench-") as folder:
        optimized = _programs.optimize(program, Path(folder))
    spent = optimized.report["spent"]
    bars = {"watching": 1.15 * plain + 1, "checking": 0.5 * plain + 2}
    outcomes = [region["outcome"]["kind"] for region in optimized.report["regions"]]
    return {
        "program": program.name,
        "plain_seconds": plain,
        "spent": spent,
        "bars": bars,
        "wall_seconds": optimized.seconds,
        "cured": outcomes.count("cured"),
        "missed": " and ".join(stage for stage, bar in bars.items() if spent[stage] > bar),
    }


def wall_time(script: Path) -> float:
    began = time.perf_counter()
    _programs.run([sys.executable, script.name], script.parent)
    return time.perf_counter() - began


def shown(row: dict[str, Any]) -> dict[str, Any]:
    spent, bars = row["spent"], row["bars"]
    print(
        f"{row['program']:24} {row['plain_seconds']:6.2f}s {spent['watching']:8.2f}s {bars['watching']:5.2f}s "
        f"{spent['checking']:8.2f}s {bars['checking']:5.2f}s {spent['confirming']:6.2f}s {row['wall_seconds']:5.1f}s"
        + (f"  MISSED {row['missed']}" if row["missed"] else ""),
        flush=True,
    )
    return row


def endless(seconds: float) -> dict[str, Any]:
    """A script without end gives its cure."""
    with tempfile.TemporaryDirectory(prefix="numlift-bench-") as folder:
        path = Path(folder) / "endless.py"
        path.write_text(ENDLESS, encoding="utf-8")
        program = _programs.Program("endless", path, path)
        optimized = _programs.optimize(program, Path(folder), "--for", f"{seconds}s")
    cured = [region["function"] for region in optimized.report["regions"] if region["outcome"]["kind"] == "cured"]
    bar = 1.15 * seconds + 1 + 0.5 * seconds + 2 + STARTING
    problems = [] if "smooth" in cured else ["no cure of its loop"]
    if optimized.seconds > bar:
        problems.append("it took too long")
    print(f"\n--for {seconds:g}s on a script without end: {optimized.seconds:.1f} s (bar {bar:.1f} s), cured {cured}")
    return {
        "program": "endless",
        "for_seconds": seconds,
        "wall_seconds": optimized.seconds,
        "bar": bar,
        "cured": cured,
        "missed": " and ".join(problems),
    }


if __name__ == "__main__":
    raise SystemExit(main())
