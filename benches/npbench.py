"""NPBench: every kernel's unedited NumPy file with one decorator on every function.

    python benches/npbench.py --npbench=CHECKOUT [--preset=S] [--sides=numlift,numba] [--json=FILE] [KERNEL…]

CHECKOUT is a copy of the public repository spcl/npbench; nothing of it is kept here. Sides: `numlift`, `fastmath`
(numlift with fastmath=True), `numba` (njit of the same file), `edited` (Numba's own hand-edited files, the fastest of
them). A side that is not installed is left out. KERNEL picks kernels by name.

Each side of a kernel runs in a process of its own, with a limit. Its first call is timed with an empty cache, what it
returned and every array it was given are held against NumPy's, then all sides are called in turn. A side that fails,
takes too long or is wrong counts as 1.0. `warm` is the first call of another process with the cache of the first.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import math
import os
import pickle
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import _intervals
import numpy as np

SIDE = Path(__file__).with_name("_npbench_side.py")
# Numba's own files by their endings: plain, parallel, parallel with prange.
EDITED = ("numba_n", "numba_np", "numba_npr")
FIRST_LIMIT = 120.0
# Seconds that are spent calling all sides of one kernel, by preset.
BUDGET = {"S": 4.0, "M": 12.0, "L": 60.0, "paper": 60.0}
# Pairs of processes in which we are compared with NumPy where the first one says that we are slower.
PROCESSES = 3
ROUNDS = 15
SHORTEST = 0.002

# The largest difference from NumPy, in parts of the largest element of the array, by kernel; float32 and complex64
# kernels have their own, and fastmath has a hundred times as much. What is wider says why.
TOLERANCE = 1e-11
SINGLE_TOLERANCE = 2e-5
TOLERANCES = {
    # Hundreds of relaxation steps, each of which adds in another order.
    "cavity_flow": 1e-9,
    "channel_flow": 1e-9,
    # Each step divides by what cancelled before; NPBench's own tolerance is 1e-3.
    "durbin": 1e-6,
    # What differs in the last place doubles with each of a hundred squarings; the counts must be equal.
    "mandelbrot1": 1e-5,
    # Particles that pass each other closely, step after step.
    "nbody": 1e-6,
    # The elimination of a matrix in another order of additions.
    "gramschmidt": 1e-9,
}
# The same for one preset, where that is wider.
TOLERANCES_OF = {
    # Chaos: NumPy's own result moves by 0.5 to 1.2 when the last bit of one coordinate does.
    ("nbody", "M"): 1.2,
}


def main() -> int:
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    options = dict(word[2:].partition("=")[::2] for word in sys.argv[1:] if word.startswith("--"))
    if "help" in options or not options.get("npbench"):
        print(__doc__)
        return 0
    repository = Path(options["npbench"])
    preset = options.get("preset", "S")
    sides = options.get("sides", "numlift,fastmath,numba,edited").split(",")
    if importlib.util.find_spec("numba") is None:
        sides = [side for side in sides if side not in ("numba", "edited")]
    kernels = sorted(path.stem for path in (repository / "bench_info").glob("*.json"))
    kernels = [kernel for kernel in kernels if not words or kernel in words]

    shown = f"preset {preset}, {machine()}"
    print(f"NPBench, {shown}\n\n{header(sides)}", flush=True)
    rows = []
    for kernel in kernels:
        rows.append(measure(repository, kernel, preset, sides))
        print(line(rows[-1], sides), flush=True)
    print(f"\n{summary(rows, sides)}")
    if options.get("json"):
        Path(options["json"]).write_text(json.dumps({"machine": shown, "rows": rows}, indent=1) + "\n")
    return 0


def measure(repository: Path, kernel: str, preset: str, sides: list[str]) -> dict[str, Any]:
    """Everything about one kernel."""
    row: dict[str, Any] = {"kernel": kernel, "sides": {}}
    with tempfile.TemporaryDirectory(prefix="numlift-npbench-") as scratch, contextlib.ExitStack() as stack:
        folder = Path(scratch)
        start = lambda side: stack.enter_context(Asked(repository, kernel, preset, side, folder))  # noqa: E731
        numpy = start("numpy")
        numpy.first()
        expected = numpy.outputs()
        running = {"numpy": numpy}
        for side in sides:
            names = [name for name in EDITED if has(repository, kernel, name)] if side == "edited" else [side]
            for name in names:
                asked = start(name)
                try:
                    asked.first()
                    asked.difference(expected, kernel, preset)
                except Failed as failed:
                    row["sides"][name] = {"error": str(failed)}
                    asked.close()
                else:
                    running[name] = asked
        ratios = time_in_turn(running, BUDGET[preset])
        for name, asked in running.items():
            row["sides"][name] = asked.found
        if ratios:
            found = running["numlift"].found
            found["interval"] = _intervals.median_interval(ratios)
            if is_slower(found):
                # Where the memory of a process lies makes it faster or slower for as long as it lives.
                for _ in range(PROCESSES - 1):
                    pair = {name: start(name) for name in ("numpy", "numlift")}
                    for asked in pair.values():
                        asked.first()
                    ratios += time_in_turn(pair, BUDGET[preset])
                    for asked in pair.values():
                        asked.close()
                found["interval"] = _intervals.median_interval(ratios)
                found["speed"] = found["interval"][0]
        for name, asked in running.items():
            if name in ("numlift", "fastmath"):
                asked.found.update(asked.ask("about"))
                asked.close()
                again = start(name)
                with contextlib.suppress(Failed):
                    again.first()
                    asked.found["warm"] = again.found["first"]
                again.close()
    choose_edited(row)
    for side in row["sides"].values():
        if "steady" in side and "speed" not in side:
            side["speed"] = row["sides"]["numpy"]["steady"] / side["steady"]
    return row


class Failed(Exception):
    """A side did not do what was asked."""


class Asked:
    """A process that runs one side of a kernel."""

    def __init__(self, repository: Path, kernel: str, preset: str, side: str, folder: Path):
        self.side, self.folder = side, folder
        self.found: dict[str, Any] = {}
        environment = {
            **os.environ,
            "NUMLIFT_CACHE_DIR": str(folder / f"cache-{side}"),
            "NUMBA_CACHE_DIR": str(folder / "numba"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        command = [sys.executable, str(SIDE), str(repository.resolve()), kernel, preset, side]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True, env=environment, cwd=folder
        )

    def __enter__(self) -> Asked:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                stream.close()

    def ask(self, *words: object, limit: float = FIRST_LIMIT) -> Any:
        try:
            self.process.stdin.write(" ".join(map(str, words)) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Failed(f"died ({self.process.wait()})") from None
        if not select.select([self.process.stdout], [], [], limit)[0]:
            raise Failed(f"more than {limit:.0f} s")
        answer = self.process.stdout.readline()
        if not answer:
            raise Failed(f"died ({self.process.wait()})")
        answer = json.loads(answer)
        if "error" in answer:
            raise Failed(answer["error"].strip().splitlines()[0][:300])
        return answer["fine"]

    def first(self) -> None:
        self.found["load"] = self.ask("load")
        self.found["first"] = self.ask("first")

    def outputs(self) -> list[np.ndarray]:
        path = self.folder / f"{self.side}.pickle"
        self.ask("outputs", path)
        with open(path, "rb") as file:
            found = pickle.load(file)
        path.unlink()
        return found

    def difference(self, expected: list[np.ndarray], kernel: str, preset: str) -> None:
        """Keeps how far this side's outputs are from NumPy's; too far is a failure."""
        worst = 0.0
        outputs = self.outputs()
        if len(outputs) != len(expected):
            raise Failed(f"wrong: {len(outputs)} outputs for {len(expected)}")
        for number, (found, right) in enumerate(zip(outputs, expected)):
            if found.shape != right.shape or (self.side in ("numlift", "fastmath") and found.dtype != right.dtype):
                raise Failed(f"wrong: output {number} is {found.dtype}{found.shape}, not {right.dtype}{right.shape}")
            distance = relative(found, right)
            wide = TOLERANCES_OF.get((kernel, preset), TOLERANCES.get(kernel, TOLERANCE))
            allowed = SINGLE_TOLERANCE if right.dtype.char in "fF" else wide
            if self.side == "fastmath":
                allowed *= 100
            if not distance <= allowed:
                raise Failed(f"wrong: output {number} differs by {distance:.1e}")
            worst = max(worst, distance)
        self.found["difference"] = worst


def relative(found: np.ndarray, right: np.ndarray) -> float:
    """The largest difference in parts of the largest element; infinite where one is not finite and the other is."""
    if right.dtype.kind not in "fc":
        return 0.0 if np.array_equal(found, right) else math.inf
    finite = np.isfinite(right)
    if not np.array_equal(finite, np.isfinite(found)) or not np.array_equal(
        found[~finite], right[~finite], equal_nan=True
    ):
        return math.inf
    if not finite.any():
        return 0.0
    largest = float(np.max(np.abs(right[finite])))
    return float(np.max(np.abs(found[finite] - right[finite]))) / (largest or 1.0)


def time_in_turn(running: dict[str, Asked], budget: float) -> list[float]:
    """Calls all sides one after the other, again and again, and keeps each one's median; returns our speeds over NumPy,
    turn by turn. When the time is up, only what those need goes on."""
    counts, times = {}, {name: [] for name in running}
    ours = [name for name in running if name == "numlift"]
    for name, asked in list(running.items()):
        try:
            (seconds,) = asked.ask("again", 1)
        except Failed as failed:
            asked.found["error"] = str(failed)
            del running[name]
            continue
        counts[name] = max(1, min(50, math.ceil(SHORTEST / max(seconds, 1e-7))))
    end = time.monotonic() + budget
    for turn in range(ROUNDS):
        late = turn > 2 and time.monotonic() > end
        for name, asked in running.items():
            if not late or name in ("numpy", *ours):
                times[name].append(median(asked.ask("again", counts[name])))
    for name, asked in running.items():
        asked.found["steady"] = median(times[name])
    return [numpy / own for name in ours if name in running for numpy, own in zip(times["numpy"], times[name])]


def choose_edited(row: dict[str, Any]) -> None:
    """Numba's own files are one side: the fastest that is right."""
    found = [row["sides"].pop(name) for name in EDITED if name in row["sides"]]
    right = [side for side in found if "steady" in side]
    if right:
        row["sides"]["edited"] = min(right, key=lambda side: side["steady"])
    elif found:
        row["sides"]["edited"] = found[0]


def has(repository: Path, kernel: str, ending: str) -> bool:
    info = json.loads((repository / "bench_info" / f"{kernel}.json").read_text())["benchmark"]
    folder = repository / "npbench" / "benchmarks" / info["relative_path"]
    return (folder / f"{info['module_name']}_{ending}.py").exists()


def header(sides: list[str]) -> str:
    speeds = "".join(f"{side:>9}" for side in sides)
    firsts = "".join(f"{side + ' 1st':>13}" for side in sides if side in ("numlift", "numba"))
    return f"{'kernel':26}{'NumPy':>9}{speeds}{firsts}{'warm':>8}{'islands':>8}  difference, remarks"


def line(row: dict[str, Any], sides: list[str]) -> str:
    found = row["sides"]
    numlift = found.get("numlift", {})
    speeds = "".join(f"{speed(found.get(side, {})):>9}" for side in sides)
    firsts = "".join(
        f"{milliseconds(found.get(side, {}), 'first'):>13}" for side in sides if side in ("numlift", "numba")
    )
    islands = "python" if numlift.get("in python") else numlift.get("islands", "-")
    remarks = [f"{side}: {found[side]['error']}" for side in sides if "error" in found.get(side, {})]
    remarks += numlift.get("in python", [])
    if numlift.get("left"):
        remarks.append(f"left {numlift['left']} times")
    difference = f"{numlift['difference']:.0e}" if "difference" in numlift else "-"
    return (
        f"{row['kernel']:26}{milliseconds(found['numpy'], 'steady'):>9}{speeds}{firsts}"
        f"{milliseconds(numlift, 'warm'):>8}{islands:>8}  {difference}  {'; '.join(remarks)[:160]}"
    )


def speed(side: dict[str, Any]) -> str:
    return f"{side['speed']:.2f}" if "speed" in side else "-"


def milliseconds(side: dict[str, Any], name: str) -> str:
    return f"{side[name] * 1e3:.2f}" if name in side else "-"


def summary(rows: list[dict[str, Any]], sides: list[str]) -> str:
    lines = []
    for side in sides:
        speeds = [row["sides"].get(side, {}).get("speed") for row in rows]
        mean = math.exp(sum(math.log(one or 1.0) for one in speeds) / max(1, len(speeds)))
        right = [one for one in speeds if one is not None]
        slower = [row["kernel"] for row in rows if is_slower(row["sides"].get(side, {}))]
        firsts = sorted(row["sides"].get(side, {}).get("first", math.nan) for row, one in zip(rows, speeds) if one)
        warms = [row["sides"][side]["warm"] for row in rows if "warm" in row["sides"].get(side, {})]
        text = f"{side:9} geometric mean {mean:.2f}, right {len(right)} of {len(rows)}"
        if firsts:
            text += f", first call median {median(firsts) * 1e3:.0f} ms, at most {firsts[-1] * 1e3:.0f} ms"
        if warms:
            text += f", warm median {median(warms) * 1e3:.1f} ms, at most {max(warms) * 1e3:.0f} ms"
        lines.append(text)
        if slower:
            lines.append(f"{'':9} slower than NumPy: {', '.join(slower)}")
    best = [
        max([1.0, *(side.get("speed", 1.0) for name, side in row["sides"].items() if name in ("numba", "edited"))])
        for row in rows
    ]
    if "numba" in sides:
        lines.append(f"best of the peers kernel by kernel {math.exp(sum(map(math.log, best)) / max(1, len(best))):.2f}")
    return "\n".join(lines)


def is_slower(side: dict[str, Any]) -> bool:
    """Whether NumPy is surely faster: where the interval of the speed is known, all of it is below 1."""
    _, _, upper = side.get("interval", (1.0, 1.0, side.get("speed", 1.0) / 0.97))
    return upper < 1.0


def machine() -> str:
    name = "unknown processor"
    with contextlib.suppress(OSError):
        found = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
        name = found[0].partition(": ")[2]
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{os.cpu_count()} cores of {name}{load}, Python {sys.version.split()[0]}, NumPy {np.__version__}"


if __name__ == "__main__":
    sys.exit(main())
