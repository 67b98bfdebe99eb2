"""The worker that verifies answers job by job, and repeats no long execution."""

from __future__ import annotations

import json
import textwrap
import time
from pathlib import Path

import worker
from planted.case import known, size
from verifying import Json

PROGRAM = """
import numpy as np

def smooth(x, out, n):
    print("smoothing")
    for i in range(1, n - 1):
        out[i] = 0.25 * x[i - 1] + 0.5 * x[i] + 0.25 * x[i + 1]
    return out

x = np.arange(60_000.0) % 7
out = np.zeros(60_000)
smooth(x, out, 60_000)
total = 0.0
for v in out[:1000]:
    print(v)
    total = total + v
print(total)
"""
FAST = "if n > 2:\n    out[1:n - 1] = 0.25 * x[:n - 2] + 0.5 * x[1:n - 1] + 0.25 * x[2:n]"


def jobs_of(tmp_path: Path, program: str = PROGRAM) -> list[Json]:
    """A job for each loop of a program, from what a watched run of it captured."""
    script = worker.write(tmp_path, "program.py", program)
    found = worker.loops(script)
    report = worker.watch(tmp_path, worker.program(script), found)
    jobs = []
    for spec, watched in zip(found, report["regions"]):
        lines = script.read_text().splitlines()[spec["start"]["line"] - 1 : spec["end"]["line"]]
        captures = [
            {"path": str(tmp_path / "job" / "captures" / capture["file"]), "seconds": capture["seconds"]}
            for capture in watched["captures"]
        ]
        jobs.append(
            {
                "region": spec["id"],
                "old": textwrap.dedent("\n".join(lines)),
                "module": {
                    "file": str(script),
                    "project_root": str(tmp_path),
                    "function": spec["function"],
                    "line": spec["start"]["line"],
                },
                "module_level": spec["function"] == "<module>",
                "live_in": spec["live_in"],
                "binds": spec["binds"],
                "returns": spec["returns"],
                "live_out": ["total"] if spec["function"] == "<module>" else [],
                "captures": captures,
                "proven": known("x", "out") + size(),
                "hostile": 40,
            }
        )
    return jobs


def answers(tmp_path: Path, jobs: list[Json]) -> list[Json]:
    lines = "".join(json.dumps(job) + "\n" for job in jobs)
    out, err, code = worker.worker("verify", tmp_path / "job", lines.encode())
    assert code == 0, err.decode()
    return [json.loads(line) for line in out.splitlines()]


def test_the_worker_answers_job_by_job(tmp_path: Path) -> None:
    stencil, loop = jobs_of(tmp_path)
    right = {**stencil, "new": FAST, "time": True}
    wrong = {**stencil, "new": FAST.replace("0.5 * x[1:n - 1]", "0.5 * x[:n - 2]")}
    same = {**loop, "new": loop["old"]}
    quiet = {**loop, "new": loop["old"].replace("print(v)", "pass")}
    unreadable = {**loop, "new": "for v in"}
    verdicts = answers(tmp_path, [right, wrong, same, quiet, unreadable])
    assert [verdict["agree"] for verdict in verdicts] == [True, False, True, False, False], verdicts
    assert verdicts[0]["new_seconds"] < verdicts[0]["old_seconds"]
    assert verdicts[1]["differences"][0]["path"].startswith("out[")
    assert verdicts[3]["differences"][0]["kind"] == "output"
    assert "SyntaxError" in verdicts[4]["error"]


def test_a_long_execution_is_not_repeated(tmp_path: Path) -> None:
    # On a busy machine what an execution left behind may cost too much to be kept, so it is tried again.
    for attempt in range(8):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        stencil, _ = jobs_of(folder, PROGRAM.replace("60_000", "400_000"))
        captured = Path(stencil["captures"][0]["path"] + ".after")
        if captured.exists():
            break
    assert captured.exists()
    # So little time that the captured execution counts as long, and so long a text that running it would show.
    hurried = {**stencil, "budget_seconds": 0.1, "hostile": 0, "time": True}
    slow = "import time\ntime.sleep(5)\n"
    right = {**hurried, "old": slow + stencil["old"], "new": FAST}
    wrong = {**hurried, "old": slow + stencil["old"], "new": FAST.replace("0.25 * x[2:n]", "0.26 * x[2:n]")}
    began = time.perf_counter()
    verdicts = answers(tmp_path, [right, wrong])
    assert time.perf_counter() - began < 5
    assert [verdict["agree"] for verdict in verdicts] == [True, False], verdicts
    assert verdicts[0]["old_seconds"] == stencil["captures"][0]["seconds"]


ENDINGS = """
import sys, time

def first_above(x, limit):
    for i in range(len(x)):
        time.sleep(0.01)
        print("a warning of sorts", file=sys.stderr)
        if x[i] > limit:
            return i, x
    return None

def checked(x, out):
    for i in range(len(x)):
        time.sleep(0.01)
        if x[i] < 0:
            raise ValueError(f"negative at {i}")
        out[i] = x[i] + 1

data = [1.0, 2.0, 3.0, -4.0]
print(first_above(data, 2.5))
try:
    checked(data, [0.0] * 4)
except ValueError as error:
    print(error)
"""
FOUND = "for i in range(len(x)):\n    if x[i] > limit:\n        return i, x"
CHECKED = (
    "for i in range(len(x)):\n    if x[i] < 0:\n        raise ValueError(f'negative at {i}')\n    out[i] = x[i] + 1"
)


def test_what_was_returned_or_raised_is_not_repeated(tmp_path: Path) -> None:
    found, checked = jobs_of(tmp_path, ENDINGS)
    checked["captures"][0]["raised"] = True
    jobs = []
    for job, right in ((found, FOUND), (checked, CHECKED)):
        # The captured execution counts as long, and running the old text again would show.
        hurried = {**job, "old": "time.sleep(5)\n" + job["old"], "budget_seconds": 0.1, "hostile": 0, "live_out": []}
        jobs += [{**hurried, "new": right}]
        wrong = [("i, x", "i, x[:]"), ("> limit", ">= limit + 1"), ("    return i, x", "    pass")]
        if job is checked:
            wrong = [("at {i}", "in {i}"), ("ValueError", "TypeError"), ("x[i] + 1", "x[i]"), ("raise", "pass #")]
        jobs += [{**hurried, "new": right.replace(*change)} for change in wrong]
    began = time.perf_counter()
    verdicts = answers(tmp_path, jobs)
    assert time.perf_counter() - began < 5
    kinds = [verdict["differences"][0]["kind"] if verdict["differences"] else verdict["agree"] for verdict in verdicts]
    expected = [
        True,
        "sharing",
        "exception",
        "exception",
        True,
        "exception_message",
        "exception",
        "argument",
        "exception",
    ]
    assert kinds == expected, verdicts
