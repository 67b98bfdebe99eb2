"""Runs numlift on programs of other people's making, and says what came of it.

    python tests/ecosystem/run.py                     programs that come in packages of the index
    python tests/ecosystem/run.py --from FOLDER       also those of repositories that lie in FOLDER/OWNER/NAME
    python tests/ecosystem/run.py -k word --keep      only those with `word` in their name; the folder stays

`programs.toml` lists them; none of them is kept here. Each is run in a copy of its own:

1. as it is;
2. under `numlift optimize --write --rerun --json`: no crash, no hang, the exit code that the program has by itself;
3. again, edited: the same output, but for what the clock shows and for rounding, whatever numlift itself says of it.

The exit code is 0 when every program did what the table expects of it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import outputs
import sources

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


@dataclass
class Verdict:
    """What came of one program."""

    name: str
    seconds: float = 0.0
    edited_seconds: float | None = None
    cured: list[str] = field(default_factory=list)
    blockers: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    skipped: str | None = None


def main() -> int:
    options = arguments()
    table: dict[str, Any] = tomllib.loads((HERE / "programs.toml").read_text())
    programs = [entry for entry in table["program"] if options.k in entry["name"]]
    work = Path(options.work or tempfile.mkdtemp(prefix="numlift-ecosystem-"))
    work.mkdir(parents=True, exist_ok=True)
    try:
        python = sources.environment(work / "venv", table["requirements"], options.numlift)
        verdicts = []
        for entry in programs:
            verdict = tried(entry, table, python, work, options)
            verdicts.append(verdict)
            print(line(verdict), flush=True)
    finally:
        if not (options.keep or options.work):
            shutil.rmtree(work, ignore_errors=True)
    failed = [verdict for verdict in verdicts if verdict.faults]
    run = [verdict for verdict in verdicts if not verdict.skipped]
    cured = sum(1 for verdict in run if verdict.cured)
    print(f"\n{len(run)} programs, {cured} with an applied cure, {len(verdicts) - len(run)} not at hand")
    for verdict in failed:
        for fault in verdict.faults:
            print(f"{verdict.name}: {fault}")
    print(f"{len(run) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="numlift on programs of other people's making")
    parser.add_argument("--from", dest="folder", type=Path, help="where repositories lie, as OWNER/NAME")
    parser.add_argument("-k", default="", help="only programs with this in their name")
    parser.add_argument("--work", help="work in this folder and leave it")
    parser.add_argument("--keep", action="store_true", help="leave the folder that was worked in")
    parser.add_argument("--numlift", type=Path, default=ROOT / "python", help="folder with the package numlift")
    return parser.parse_args()


def tried(entry: dict[str, Any], table: dict[str, Any], python: Path, work: Path, options: Any) -> Verdict:
    """Runs one program three times and compares."""
    verdict = Verdict(entry["name"])
    try:
        source = sources.copied(entry, table, python, work, options.folder)
    except sources.NotAtHand as why:
        verdict.skipped = str(why)
        return verdict
    folder = source / entry.get("folder", ".")
    limit: float = entry.get("timeout", 600)
    plain = timed(python, [], entry, source, folder, limit)
    if plain is None:
        verdict.faults.append(f"the program itself takes longer than {limit:.0f} s")
        return verdict
    verdict.seconds = plain.seconds
    report = work / "report.json"
    report.unlink(missing_ok=True)
    command = ["-m", "numlift", "optimize", "--write", "--rerun", "--json", str(report)]
    command += entry.get("options", [])
    watched = timed(python, command, entry, source, folder, limit + 20 * plain.seconds)
    if watched is None:
        verdict.faults.append("numlift did not come to an end")
        return verdict
    if watched.code not in (0, 1) or not report.exists():
        verdict.faults.append(f"numlift ended with {watched.code}: {watched.errors.strip()[-300:]}")
        return verdict
    judge(verdict, json.loads(report.read_text()), entry, plain)
    edited = timed(python, [], entry, source, folder, limit)
    if edited is None:
        verdict.faults.append("the edited program did not come to an end")
        return verdict
    verdict.edited_seconds = edited.seconds
    if edited.code != plain.code:
        verdict.faults.append(f"the edited program ends with {edited.code} instead of {plain.code}")
    difference = outputs.difference(plain.printed, edited.printed, entry.get("unsteady", []))
    if difference is not None:
        verdict.faults.append(f"the edited program prints something else: {difference}")
    return verdict


def judge(verdict: Verdict, report: dict[str, Any], entry: dict[str, Any], plain: Ran) -> None:
    """Holds what numlift reports against what the table expects."""
    watched = report["watched"]
    if watched["ended"] == "finished" and watched["exit_code"] != plain.code:
        verdict.faults.append(f"watched, the program ended with {watched['exit_code']} instead of {plain.code}")
    for region in report["regions"]:
        outcome = region["outcome"]
        where = f"{Path(region['file']).name}:{region['first_line']} {region['function']}"
        if outcome["kind"] == "cured":
            verdict.cured.append(f"{where}: {outcome['cure']['form']}")
        for blocker in outcome.get("blockers", []):
            verdict.blockers.append(f"{where}: {blocker['message']}")
        if "internal error" in json.dumps(outcome):
            verdict.faults.append(f"{where}: {outcome['why']}")
    if report["whole"]["kind"] == "moved":
        verdict.faults.append("the output moved, and no set of cures could be found that keeps it")
    for expected in entry.get("cured", []):
        if not any(f" {expected}:" in cure for cure in verdict.cured):
            verdict.faults.append(f"`{expected}` was not cured")
    for expected in entry.get("blocked", []):
        if not any(expected in blocker for blocker in verdict.blockers):
            verdict.faults.append(f"no blocker says `{expected}`")


@dataclass
class Ran:
    """One execution."""

    code: int
    seconds: float
    printed: str
    errors: str


def timed(python: Path, before: list[str], entry: dict[str, Any], root: Path, folder: Path, limit: float) -> Ran | None:
    """The program, with `before` in front of it; `None` when it takes too long."""
    variables = dict(os.environ, MPLBACKEND="Agg", PYTHONHASHSEED="0", PYTHONPATH="", NO_COLOR="1")
    if "path" in entry:
        variables["PYTHONPATH"] = str(root / entry["path"])
    command = [str(python), *before, *entry["run"]]
    began = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        printed, errors = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.communicate()
        return None
    return Ran(process.returncode, time.monotonic() - began, printed, errors)


def line(verdict: Verdict) -> str:
    """One program of the table."""
    if verdict.skipped:
        return f"{verdict.name:34} -     {verdict.skipped}"
    outcome = "FAIL" if verdict.faults else "ok"
    after = "" if verdict.edited_seconds is None else f"{verdict.seconds:6.1f} s -> {verdict.edited_seconds:6.1f} s"
    lines = [f"{verdict.name:34} {outcome:5} {after}"]
    lines += [f"    cured    {cure}" for cure in verdict.cured]
    lines += [f"    blocked  {blocker}" for blocker in dict.fromkeys(verdict.blockers)] if not verdict.cured else []
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
