"""Small kernels against NumPy, Numba (njit and parallel), numexpr and Pythran, in one run and in turn.

    python benches/micro.py [--quick] [--json=FILE] [KERNEL…]

Every compiler gets the same text (`_micro_kernels.py`); NumPy gets what a person writes for it. All sides of a kernel
run in one process, one after the other, again and again; the median counts. A side that is not installed is left out.
`of best` is the speed over the fastest of the others, with the 95 % interval of the median of that ratio turn by turn;
a kernel is behind where all of the interval is below what is asked.
`limit` is the least time that the machine needs for the kernel's memory traffic or arithmetic, both measured here (a
triad and a BLAS product on all cores); `reached` is what numlift got of it. A star marks a side that is wrong.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import json
import math
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import _intervals
import numpy as np

# At least so many calls of each, and as many more as half of the time allows: short ones vary most.
ROUNDS, MOST = 15, 200
SECONDS = 12.0
# Seconds: where a call takes less, others are made for so long before the one that counts.
SHORT, WARMING = 0.05, 0.005
SIDES = ("numpy", "numlift", "numba", "parallel", "numexpr", "pythran")
# What these two must beat by how much; the others must be as fast as the best.
FACTORS = {"fused": 1.5, "pairs": 1.5}
KERNELS = Path(__file__).with_name("_micro_kernels.py")


@dataclass
class Kernel:
    """A function, arguments that are made anew for each call, and what it must move and compute at the least."""

    name: str
    function: str
    arguments: Callable[[], tuple[Any, ...]]
    bytes: float
    flops: float = 0.0
    fast: bool = False
    expression: str = ""
    changes: bool = False
    found: dict[str, Any] = field(default_factory=dict)


def kernels(quick: bool) -> list[Kernel]:
    chance = np.random.default_rng(1)
    size = 400 if quick else 2000
    made = []
    for count in (10**5,) if quick else (10**6, 10**7):
        x, y = chance.random(count), chance.random(count)
        exponent = f"1e{round(math.log10(count))}"
        made.append(Kernel(f"squares {exponent}", "squares", lambda x=x: (x,), 16 * count, count, expression="x*x"))
        expression = "sqrt(x*x+y*y)+sin(x)*exp(-y)"
        made.append(Kernel(f"fused {exponent}", "fused", lambda x=x, y=y: (x, y), 24 * count, expression=expression))
    where = chance.integers(0, len(x), len(x))
    made += [
        Kernel("mean", "mean", lambda: (x,), 8 * len(x), len(x)),
        Kernel("recurrence", "recurrence", lambda: (x, 0.5), 16 * len(x), 2 * len(x)),
        Kernel("gather", "gather", lambda: (x, where), 24 * len(x)),
        Kernel("histogram", "histogram", lambda: (x, 100), 8 * len(x)),
    ]
    grid = chance.random((size, size))
    steps = 10 if quick else 100
    jacobi = lambda: (grid.copy(), grid.copy(), steps // 2)  # noqa: E731
    made.append(Kernel("jacobi", "jacobi", jacobi, 16 * size**2 * steps, 4 * size**2 * steps, changes=True))
    made.append(Kernel("mandelbrot", "mandelbrot", lambda: (size // 2, 100), 8 * (size // 2) ** 2))
    points = chance.random((size, 3))
    made.append(Kernel("pairs", "pairs", lambda: (points,), 8 * size**2, 9 * size**2))
    n, m, p = (200, 100, 200) if quick else (1000, 500, 1000)
    a, b = chance.random((n, m)), chance.random((m, p))
    made.append(Kernel("matmul", "matmul", lambda: (a, b), 8 * (n * m + m * p + n * p), 2 * n * m * p, fast=True))
    return made


def main() -> int:
    # Numba says where it finds nothing to run in parallel.
    warnings.simplefilter("ignore")
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    options = dict(word.lstrip("-").partition("=")[::2] for word in sys.argv[1:] if word.startswith("-"))
    chosen = [one for one in kernels("quick" in options) if not words or one.function in words]
    bandwidth, peak = triad(), product()
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; ", end=""
    )
    print(f"Python {platform.python_version()}, NumPy {np.__version__}")
    print(f"triad {bandwidth / 1e9:.1f} GB/s, product {peak / 1e9:.0f} Gflop/s\n")
    with tempfile.TemporaryDirectory(prefix="numlift-micro-") as folder:
        pythran = compiled_by_pythran(Path(folder))
        print(
            f"{'kernel':14}" + "".join(f"{side:>10}" for side in SIDES) + f"{'of best':>18}{'limit':>9}{'reached':>9}"
        )
        for kernel in chosen:
            measure(kernel, pythran)
            kernel.found["limit"] = max(kernel.bytes / bandwidth, kernel.flops / peak)
            print(line(kernel), flush=True)
    rows = [{"kernel": one.name, **one.found} for one in chosen]
    if options.get("json"):
        machine = {"bandwidth": bandwidth, "peak": peak, "cores": os.cpu_count(), "numpy": np.__version__}
        Path(options["json"]).write_text(json.dumps({"machine": machine, "rows": rows}, indent=1) + "\n")
    missed = [one.name for one in chosen if of_best(one)[2] < FACTORS.get(one.function, 1.0)]
    print(f"\nbehind what is asked: {', '.join(missed) or 'none'}")
    return 1 if missed else 0


def measure(kernel: Kernel, pythran: Any) -> None:
    plain = fresh_module()
    functions = sides(kernel, plain, pythran)
    right = functions["numpy"](*kernel.arguments())
    for name, function in list(functions.items()):
        try:
            start = time.perf_counter()
            given = function(*kernel.arguments())
            kernel.found[f"{name} first"] = time.perf_counter() - start
        except Exception as error:
            kernel.found[f"{name} error"] = str(error).strip().splitlines()[0][:200]
            del functions[name]
            continue
        if not np.allclose(given, right, rtol=1e-9, atol=1e-9):
            # Where a float is compared, an escape time may differ by one step.
            kernel.found[f"{name} wrong"] = float(np.mean(~np.isclose(given, right, rtol=1e-9, atol=1e-9)))
    times: dict[str, list[float]] = {name: [] for name in functions}
    end = time.monotonic() + SECONDS
    order = list(functions.items())
    chance = random.Random(1)
    for turn in range(MOST):
        late = turn > 2 and time.monotonic() > end
        if turn >= ROUNDS and time.monotonic() > end - SECONDS / 2:
            break
        if turn == 3:
            # What is far behind is not waited for when the time is up.
            least = min(median(found) for name, found in times.items() if name != "numlift")
            close = [name for name, found in times.items() if median(found) < 1.5 * least or name == "numlift"]
        # Nobody always comes behind the same one.
        chance.shuffle(order)
        for name, function in order:
            if late and name not in close:
                continue
            arguments = kernel.arguments()
            if not times[name] or median(times[name]) < SHORT:
                # A program calls a function again and again: what the side before left in the caches, and cores and
                # threads that have gone to sleep, are of this interleaving alone.
                begun = time.perf_counter()
                while time.perf_counter() - begun < WARMING:
                    function(*arguments)
                    arguments = kernel.arguments()
            start = time.perf_counter()
            given = function(*arguments)
            times[name].append(time.perf_counter() - start)
            # Freed outside of what is timed, as a program's last use of it would be.
            del given
            if name == "parallel":
                # Numba's threads wait for work by computing for so long; nobody else is to pay for that.
                time.sleep(0.25)
    for name, found in times.items():
        kernel.found[name] = median(found)
    if "numlift" in times:
        leader = min((name for name in times if name != "numlift"), key=kernel.found.__getitem__)
        ratios = [other / own for other, own in zip(times[leader], times["numlift"])]
        kernel.found["interval"] = _intervals.median_interval(ratios)


def sides(kernel: Kernel, plain: Any, pythran: Any) -> dict[str, Callable[..., Any]]:
    text = getattr(plain, kernel.function)
    # Where nobody has array code for it, NumPy's side is the loop itself.
    made = {"numpy": getattr(plain, f"{kernel.function}_numpy", text)}
    with contextlib.suppress(ImportError):
        import numlift

        made["numlift"] = numlift.jit(fastmath=True)(text) if kernel.fast else numlift.jit(text)
    with contextlib.suppress(ImportError):
        import numba

        made["numba"] = numba.njit(fastmath=kernel.fast)(text)
        made["parallel"] = numba.njit(parallel=True, fastmath=kernel.fast)(text)
    if kernel.expression:
        with contextlib.suppress(ImportError):
            import numexpr

            names = ("x", "y")
            made["numexpr"] = lambda *given: numexpr.evaluate(kernel.expression, dict(zip(names, given)))
    if pythran is not None:
        made["pythran"] = getattr(pythran, kernel.function)
    return made


def fresh_module() -> Any:
    spec = importlib.util.spec_from_file_location("_micro_kernels", KERNELS)
    module = importlib.util.module_from_spec(spec)
    sys.modules["_micro_kernels"] = module
    spec.loader.exec_module(module)
    return module


def compiled_by_pythran(folder: Path) -> Any:
    if importlib.util.find_spec("pythran") is None:
        return None
    target = folder / "pythran_kernels.so"
    command = [
        sys.executable,
        "-m",
        "pythran.run",
        "-O3",
        "-march=native",
        "-DUSE_XSIMD",
        str(KERNELS),
        "-o",
        str(target),
    ]
    source = folder / "pythran_kernels.py"
    # It takes `#pythran`, and no space behind the sign.
    source.write_text(KERNELS.read_text().replace("# pythran", "#pythran"))
    command[command.index(str(KERNELS))] = str(source)
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    if done.returncode != 0:
        print(f"Pythran does not compile here: {done.stderr.strip().splitlines()[-1:]}\n")
        return None
    spec = importlib.util.spec_from_file_location("pythran_kernels", target)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def triad() -> float:
    """Bytes a second that all cores move together, as a kernel's own traffic counts: read once, written once."""
    from concurrent.futures import ThreadPoolExecutor

    cores = os.cpu_count() or 1
    arrays = [(np.ones(4_000_000), np.ones(4_000_000)) for _ in range(cores)]
    best = math.inf
    with ThreadPoolExecutor(cores) as pool:
        for _ in range(10):
            start = time.perf_counter()
            list(pool.map(lambda pair: np.multiply(pair[0], 2.0, out=pair[1]), arrays))
            best = min(best, time.perf_counter() - start)
    return cores * 4_000_000 * 16 / best


def product() -> float:
    """Flops a second of the best matrix product there is."""
    a = np.ones((1500, 1500))
    best = math.inf
    for _ in range(5):
        start = time.perf_counter()
        a @ a
        best = min(best, time.perf_counter() - start)
    return 2 * 1500**3 / best


def line(kernel: Kernel) -> str:
    cells = ""
    for side in SIDES:
        star = "*" if f"{side} wrong" in kernel.found else ""
        shown = f"{kernel.found[side] * 1e3:.2f}{star}" if side in kernel.found else "-"
        cells += f"{shown:>10}"
    ratio, least, most = of_best(kernel)
    ahead = f"{ratio:.2f} ({least:.2f}-{most:.2f})"
    reached = kernel.found["limit"] / kernel.found["numlift"] if "numlift" in kernel.found else 0.0
    return f"{kernel.name:14}{cells}{ahead:>18}{kernel.found['limit'] * 1e3:>9.2f}{reached:>8.0%}"


def of_best(kernel: Kernel) -> tuple[float, float, float]:
    """How much faster numlift is than the fastest of the others, and the interval in which that lies."""
    return kernel.found.get("interval", (0.0, 0.0, 0.0))


if __name__ == "__main__":
    sys.exit(main())
