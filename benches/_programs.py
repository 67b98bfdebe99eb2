"""The programs that are measured, and what numlift makes of them.

A program is a script or a folder with `main.py`; its expert's version has the same name under `tests/expert`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import _renamed

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
VARIANTS = ROOT / "tests" / "variants"
EXPERT = ROOT / "tests" / "expert"
# Seconds after which a program or numlift itself is given up.
PATIENCE = 600


@dataclass(frozen=True)
class Program:
    """A program as its author wrote it, and as an expert would have."""

    name: str
    path: Path
    expert: Path

    @property
    def is_folder(self) -> bool:
        return self.path.is_dir()


def arguments(description: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("words", nargs="*")
    return parser.parse_args()


def programs(words: list[str], *, variants: bool) -> list[Program]:
    """The examples and, when asked for, the same with other names and sizes and the variants that have an expert's
    version; those named, if any are."""
    found = [*pairs(EXAMPLES, EXPERT)]
    if variants:
        found += [with_other_names(program) for program in found]
        found += pairs(VARIANTS, EXPERT / "variants")
    if words:
        found = [program for program in found if any(word in program.name for word in words)]
    return found


def pairs(folder: Path, expert: Path) -> list[Program]:
    found = []
    for path in sorted(folder.iterdir()):
        beside = expert / path.name
        if beside.exists() and (path.suffix == ".py" or (path / "main.py").exists()):
            found.append(Program(path.stem, path, beside))
    return found


def with_other_names(program: Program) -> Program:
    """The program and its expert's version with other names and sizes."""
    folder = ROOT / "target" / "bench" / "renamed" / program.name
    shutil.rmtree(folder, ignore_errors=True)
    path, expert = _renamed.renamed([program.path, program.expert], folder)
    return Program(f"{program.name}~renamed", path, expert)


def main_of(path: Path) -> Path:
    """The script that is run."""
    return path / "main.py" if path.is_dir() else path


def copied(path: Path, folder: Path) -> Path:
    """A copy of a program in a folder of its own."""
    folder.mkdir(parents=True)
    if path.is_dir():
        return Path(shutil.copytree(path, folder / path.name, ignore=shutil.ignore_patterns("__pycache__")))
    return Path(shutil.copy2(path, folder / path.name))


@dataclass
class Optimized:
    """A program after `numlift optimize --write`, numlift's report and the wall time of the command."""

    path: Path
    report: dict[str, Any]
    seconds: float


def optimize(program: Program, folder: Path, *options: str) -> Optimized:
    """Optimizes a copy."""
    path = copied(program.path, folder / "numlift")
    report = folder / "report.json"
    began = time.perf_counter()
    numlift(
        "optimize", "--quiet", "--write", "--json", str(report), *options, main_of(path).name, cwd=main_of(path).parent
    )
    seconds = time.perf_counter() - began
    return Optimized(path, json.loads(report.read_text(encoding="utf-8")), seconds)


def numlift(*words: str, cwd: Path) -> None:
    """Runs numlift as a person would."""
    run([sys.executable, "-m", "numlift", *words], cwd)


def run(command: list[str], cwd: Path) -> str:
    """Runs a command; what goes wrong is told with its own words."""
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=PATIENCE, env=environment, stdin=subprocess.DEVNULL
    )
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed with exit code {done.returncode}:\n{done.stderr}")
    return done.stdout


def machine() -> dict[str, Any]:
    """What every number depends on."""
    import numpy

    return {
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "system": platform.system(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def show_machine() -> None:
    found = machine()
    print(
        f"{found['processor']}, {found['cores']} cores, load {found['load']}; "
        f"Python {found['python']}, NumPy {found['numpy']}, {found['system']}"
    )


def write_results(path: Path | None, name: str, rows: list[dict[str, Any]]) -> None:
    """The numbers as JSON."""
    target = path if path is not None else ROOT / "target" / "bench" / f"{name}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(
        json.dumps({"bench": name, "machine": machine(), "rows": rows}, indent=1) + "\n", encoding="utf-8"
    )
    print(f"\nwritten to {target}")
