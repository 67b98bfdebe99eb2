"""`--max-memory`: what a rewrite needs beside its results is known before it runs, and what does not fit is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

PAIRS = """
import math
import numpy as np

def distances(points):
    n = len(points)
    dist = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            total = 0.0
            for k in range(2):
                d = points[i, k] - points[j, k]
                total += d * d
            dist[i, j] = math.sqrt(total)
    return dist

print(distances(np.random.default_rng(1).random((300, 2))).sum())
"""
LARGE_INPUT = """
import numpy as np

def total(x):
    s = 0.0
    for k in range(0, len(x), 100):
        s += x[k]
    return s

print(total(np.ones(4_000_000)))
"""


def optimized(folder: Path, program: str, *options: str) -> list[dict[str, Any]]:
    """The regions of the report."""
    (folder / "program.py").write_text(program, encoding="utf-8")
    words = ["optimize", "--quiet", "--no-rerun", "--json", "report.json", *options, "program.py"]
    done = subprocess.run(
        [sys.executable, "-m", "numlift", *words], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads((folder / "report.json").read_text(encoding="utf-8"))["regions"]


def test_what_needs_more_is_refused_with_what_it_would_need(tmp_path: Path) -> None:
    whole = optimized(tmp_path, PAIRS, "--max-memory", "2M")[0]
    [blocker] = whole["outcome"]["blockers"]
    assert blocker["kind"] == "memory"
    # Two differences, and two squares beside their sum, of 300 by 300 numbers each.
    assert "would need 4 MB beside its result, more than --max-memory allows (2 MB)" in blocker["message"]
    assert blocker["help"] == "with --max-memory above 4 MB, or called for fewer rows at a time, it is lifted"


def test_what_fits_row_by_row_is_cured_row_by_row(tmp_path: Path) -> None:
    regions = optimized(tmp_path, PAIRS, "--max-memory", "3M")
    [cure] = [region["outcome"]["cure"] for region in regions if region["outcome"]["kind"] == "cured"]
    assert cure["form"].startswith("dist[i] = np.sqrt(")
    assert cure["peak_bytes"] <= 6 * 300 * 8


def test_what_fits_is_cured_and_says_what_it_needs(tmp_path: Path) -> None:
    [region] = optimized(tmp_path, PAIRS, "--max-memory", "100M")
    assert region["outcome"]["kind"] == "cured"
    assert 3 * 300 * 300 * 8 <= region["outcome"]["cure"]["peak_bytes"] <= 6 * 300 * 300 * 8


def test_inputs_that_are_too_large_to_be_checked_are_not_captured(tmp_path: Path) -> None:
    [region] = optimized(tmp_path, LARGE_INPUT, "--max-memory", "20M")
    [blocker] = region["outcome"]["blockers"]
    assert blocker["message"].endswith("larger than 5.24 MB, as much as --max-memory allows")
