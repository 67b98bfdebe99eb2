"""numlift's version of every example against the expert's: both in alternation, what was rewritten and the whole.

    python benches/speed.py [--quick] [--json FILE] [WORD…]

The bar is 0.8 of the expert's speed for what was rewritten; it is missed only where the whole interval of the median
lies below. WORD picks programs by name. `--quick` takes fewer pairs and leaves the variants out. Exit code 1 when a bar
is missed.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import _intervals
import _parts
import _programs

BAR = 0.8
PAIRS = 15
QUICK_PAIRS = 5
Times = dict[str, float]


def main() -> int:
    options = _programs.arguments("numlift's version of every example against the expert's")
    _programs.show_machine()
    rows: list[dict[str, Any]] = []
    print(f"\n{'program':22} {'part':34} {'numlift':>9} {'expert':>9} {'speed':>6}  95 % interval")
    for program in _programs.programs(options.words, variants=not options.quick):
        with tempfile.TemporaryDirectory(prefix="numlift-bench-") as folder:
            found = measure(program, Path(folder), QUICK_PAIRS if options.quick else PAIRS)
        for row in found:
            show(row)
        rows += found
    missed = [f"{row['program']} {row['part']}" for row in rows if row["missed"]]
    _programs.write_results(options.json, "speed", rows)
    if missed:
        print("missed:", "; ".join(missed))
    return 1 if missed else 0


def measure(program: _programs.Program, folder: Path, pairs: int) -> list[dict[str, Any]]:
    """A row for each part and for the whole program."""
    optimized = _programs.optimize(program, folder, "--no-rerun")
    versions = _parts.instrumented(program.path, [optimized.path, program.expert])
    mains = [written(files, folder / side) for files, side in zip(versions, ("a", "b"))]
    runs: tuple[list[Times], list[Times]] = ([], [])
    for turn in range(pairs + 1):
        # The order changes from pair to pair; the first pair warms up.
        for side in (0, 1) if turn % 2 else (1, 0):
            times = timed(mains[side])
            if turn:
                runs[side].append(times)
    rows = []
    for part in runs[0][0]:
        if all(part in times for side in runs for times in side):
            rows.append(row(program.name, part, [[times[part] for times in side] for side in runs]))
    return rows


def written(files: dict[str, str], folder: Path) -> Path:
    """The files of a version; gives the one that is run."""
    folder.mkdir()
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder / ("main.py" if len(files) > 1 else next(iter(files)))


def timed(main_file: Path) -> Times:
    """Seconds of the whole, of all parts together and of each."""
    printed = _programs.run([sys.executable, _parts.__file__, str(main_file)], main_file.parent)
    found = json.loads(printed.splitlines()[-1])
    parts = {("all that was rewritten" if part == "" else part): seconds for part, seconds in found["parts"].items()}
    return {"whole program": found["whole"], **dict(sorted(parts.items()))}


def row(program: str, part: str, sides: list[list[float]]) -> dict[str, Any]:
    numlift, expert = sides
    speed, low, high = _intervals.median_interval([theirs / ours for ours, theirs in zip(numlift, expert)])
    return {
        "program": program,
        "part": part,
        "numlift_seconds": _intervals.median(numlift),
        "expert_seconds": _intervals.median(expert),
        "speed": speed,
        "interval": [low, high],
        "pairs": len(numlift),
        "missed": high < BAR,
    }


def show(found: dict[str, Any]) -> None:
    low, high = found["interval"]
    print(
        f"{found['program']:22} {found['part']:34} {1e3 * found['numlift_seconds']:7.1f}ms "
        f"{1e3 * found['expert_seconds']:7.1f}ms {found['speed']:6.2f}  {low:.2f} … {high:.2f}"
        + ("  MISSED" if found["missed"] else ""),
        flush=True,
    )


if __name__ == "__main__":
    raise SystemExit(main())
