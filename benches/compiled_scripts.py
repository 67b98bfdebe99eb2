"""How fast `numlift optimize` makes scripts that have no array form, beside Numba by hand.

    python benches/compiled_scripts.py [script …] [--json=benches/results/compiled_scripts.json] [--pairs=15]

Each script of `examples/machine_code` is optimized as a user would do it; its cure is checked there. Then the compiled
function of the edited script and the same function annotated for Numba by hand are called warm, in turns, on the same
arguments: the ratio of the medians is Numba's time by numlift's, so above 1 numlift is faster. Columns: the script's
time before, and after from a cold and from a warm cache of compiled code, in processes of their own; the medians of
one call; the ratio with the range of its middle half. Needs Numba, and SciPy for `reactions`.
"""

from __future__ import annotations

import contextlib
import copy
import importlib.util
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

SCRIPTS = Path(__file__).resolve().parent.parent / "examples" / "machine_code"
Call = Callable[[], Any]


def edit_distance(module: ModuleType, hand: Any) -> tuple[Call, Call]:
    rng = np.random.default_rng(7)
    one, other = rng.integers(0, 4, 900), rng.integers(0, 4, 1000)
    return lambda: module.edit_distance(one, other), lambda: hand.edit_distance(one, other)


def reservoir(module: ModuleType, hand: Any) -> tuple[Call, Call]:
    rain = np.random.default_rng(3).exponential(4.0, 2_000_000)
    return lambda: module.levels(rain, 5.0, 60.0), lambda: hand.levels(rain, 5.0, 60.0)


def galaxy(module: ModuleType, hand: Any) -> tuple[Call, Call]:
    ours = module.Galaxy(150)
    theirs = copy.deepcopy(ours)

    def by_hand() -> None:
        hand.kick(theirs.position, theirs.velocity, theirs.mass, theirs.softening, 0.01)

    return lambda: ours.kick(0.01), by_hand


def sieve(module: ModuleType, hand: Any) -> tuple[Call, Call]:
    limit = module.LIMIT

    def made(function: Any) -> Call:
        return lambda: function(limit, np.zeros(limit + 1, dtype=bool), 0)

    return made(module.compute_count), made(hand.sieve)


def escape(module: ModuleType, hand: Any) -> tuple[Call, Call]:
    return lambda: module.picture(260, 200, 200), lambda: hand.picture(260, 200, 200)


def reactions(module: ModuleType, hand: Any) -> tuple[Call, Call]:
    state = np.random.default_rng(1).uniform(0.5, 1.5, 2 * module.CELLS)

    def many(function: Any) -> Call:
        return lambda: [function(0.0, state) for _ in range(1000)][-1]

    return many(module.rates), many(hand.rates)


CASES = {
    "edit_distance": edit_distance,
    "reservoir": reservoir,
    "galaxy": galaxy,
    "sieve": sieve,
    "escape": escape,
    "reactions": reactions,
}


def optimized(script: Path, folder: Path) -> tuple[Path, dict[str, Any]]:
    """The script as `numlift optimize` writes it, and the report."""
    edited, report = folder / script.name, folder / "report.json"
    command = [sys.executable, "-m", "numlift", "optimize", "-q", "-o", str(edited), "--json", str(report), str(script)]
    subprocess.run(command, check=True, cwd=folder)
    return edited, json.loads(report.read_text())


def seconds_of(script: Path, cache: Path) -> float:
    """A whole run in a process of its own."""
    began = time.perf_counter()
    environment = {**os.environ, "NUMLIFT_CACHE_DIR": str(cache)}
    subprocess.run([sys.executable, str(script)], check=True, stdout=subprocess.DEVNULL, env=environment)
    return time.perf_counter() - began


def loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with contextlib.redirect_stdout(io.StringIO()):
        spec.loader.exec_module(module)
    return module


def in_turns(one: Call, other: Call, pairs: int) -> tuple[list[float], list[float]]:
    """Seconds of calls of both, in turns, the first of each pair by turns."""
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(pairs):
        for side in (0, 1) if turn % 2 else (1, 0):
            began = time.perf_counter()
            (one, other)[side]()
            times[side].append(time.perf_counter() - began)
    return times


def agree(one: Any, other: Any) -> bool:
    if one is None:
        return other is None
    pairs = zip(one, other) if isinstance(one, tuple) else [(one, other)]
    return all(np.allclose(mine, yours, rtol=1e-12, atol=0.0) for mine, yours in pairs)


def measure(name: str, pairs: int) -> dict[str, Any]:
    """One script's row."""
    import _compiled_by_hand as hand

    script = SCRIPTS / f"{name}.py"
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        edited, report = optimized(script, folder)
        cures = [region for region in report["regions"] if region["outcome"]["kind"] == "cured"]
        compiled = [region["outcome"]["cure"] for region in cures if region["outcome"]["cure"].get("compiled")]
        cache = folder / "cache"
        before, cold, warm = seconds_of(script, cache), seconds_of(edited, cache), seconds_of(edited, cache)
        ours, theirs = CASES[name](loaded(edited), hand)
        assert agree(ours(), theirs()), name
        ours(), theirs()
        mine, yours = in_turns(ours, theirs, pairs)
    ratios = sorted(hand / own for own, hand in zip(mine, yours))
    return {
        "script": name,
        "compiled": [cure["form"] for cure in compiled],
        "checked": [[cure["captured"], cure["hostile"]] for cure in compiled],
        "before": before,
        "cold": cold,
        "warm": warm,
        "numlift": statistics.median(mine),
        "numba": statistics.median(yours),
        "ratio": statistics.median(ratios),
        "middle half": [ratios[len(ratios) // 4], ratios[(3 * len(ratios)) // 4]],
    }


def line(row: dict[str, Any]) -> str:
    low, high = row["middle half"]
    return (
        f"{row['script']:14} {row['before']:7.2f} s {row['cold']:7.2f} s {row['warm']:7.2f} s   "
        f"{row['numlift'] * 1e3:9.3f} ms {row['numba'] * 1e3:9.3f} ms   {row['ratio']:5.2f}  ({low:.2f}-{high:.2f})  "
        f"{', '.join(row['compiled']) or 'not compiled'}"
    )


def main(words: list[str]) -> None:
    options = dict(word[2:].split("=", 1) for word in words if word.startswith("--"))
    names = [word for word in words if not word.startswith("--")] or list(CASES)
    print(f"{'script':14} {'before':>9} {'cold':>9} {'warm':>9}   {'numlift':>12} {'Numba':>12}   Numba by numlift")
    rows = []
    for name in names:
        rows.append(measure(name, int(options.get("pairs", "15"))))
        print(line(rows[-1]), flush=True)
    if "json" in options:
        load = os.getloadavg()[0]
        Path(options["json"]).write_text(json.dumps({"load": load, "scripts": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
