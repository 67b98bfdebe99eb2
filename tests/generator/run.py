"""Random loop programs: each is lifted, and where it is, old and new are run on ordinary and hostile inputs.

    python tests/generator/run.py --count 3000 --seed 1

Program k of a sequence is made from the seed and k alone, so `--only k` repeats it. The kinds of programs are in
`liftable.py` (an array form exists), `refused.py` (none does), `uncertain.py`, `searches.py`, `growing.py` and
`mixtures.py` (mostly either is right). A failure is a difference that was not announced, a crash of the engine, or
fewer than 95 % of the liftable ones lifted; each has a file with the program, its new text, the input and what differs.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import os
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import growing  # noqa: F401
import liftable  # noqa: F401
import mixtures  # noqa: F401
import numpy as np
import refused  # noqa: F401
import scanning  # noqa: F401
import searches  # noqa: F401
import splitting  # noqa: F401
import uncertain  # noqa: F401
from inputs import Header, hostile, ordinary
from lifting import Found, Program, lift
from running import Rules, held_against
from shapes import KINDS, LIFTABLE, REFUSED, Made

WANTED = 0.95


@dataclass
class Tried:
    """What came of one program."""

    number: int
    kind: str
    label: str
    is_lifted: bool = False
    # A loop that was split is left.
    leaves_a_loop: bool = False
    # Some part of it has new text.
    is_changed: bool = False
    why_not: str = ""
    inputs: int = 0
    failures: list[str] = field(default_factory=list)
    # What differs, without its place: failures of one bug look the same.
    nature: str = ""
    text: str = ""


def make(number: int, seed: int, only: str | None) -> tuple[Made, int]:
    """Program `number` of a sequence, and a seed for its inputs."""
    digest = hashlib.sha256(f"{seed}:{number}".encode()).digest()
    rng = Random(digest)
    names = [name for name in sorted(KINDS) if only in (None, name)]
    return KINDS[names[number % len(names)]][1](rng), int.from_bytes(digest[:4], "big")


def attempt(number: int, seed: int, only: str | None) -> Tried:
    made, entropy = make(number, seed, only)
    tried = Tried(number, made.kind, made.label)
    rng = np.random.default_rng(entropy)
    header = Header.read(made.inputs)
    program = Program(made.source, made.function)
    try:
        found = lift(program, [header.example(rng) for _ in range(2)])
    except BaseException as error:  # a panic is no `Exception`
        if isinstance(error, KeyboardInterrupt):
            raise
        tried.nature = f"crash: {error!r:.150}"
        tried.failures = [tried.nature]
        tried.text = report(made, None, tried)
        return tried
    tried.is_lifted, tried.is_changed = found.is_lifted(), found.source is not None
    tried.leaves_a_loop = found.leaves_a_loop()
    tried.why_not = "" if tried.is_lifted else found.why_not()
    if found.source is not None:
        check(made, header, program, found, rng, tried)
        if found.rel_bound() and not tried.failures and number % 3 == 0:
            # The same with `--exact`.
            found = lift(program, [header.example(rng) for _ in range(2)], exact=True)
            if found.source is not None:
                check(made, header, program, found, rng, tried)
        if tried.failures:
            tried.text = report(made, found, tried)
    return tried


def check(made: Made, header: Header, program: Program, found: Found, rng: np.random.Generator, tried: Tried) -> None:
    assert found.source is not None
    rules = Rules(found.rel_bound(), frozenset(found.allowed()))
    try:
        changed = Program(found.source, made.function)
        changed.load()
    except Exception as error:
        tried.nature = f"the new text does not run: {error!r}"
        tried.failures.append(tried.nature)
        return
    # Programs may keep state in their module: each call has a fresh one.
    is_plain = "seen" not in made.source and "calls" not in made.source
    old, new = program.load(), changed.load()
    for words, arguments in [*ordinary(header, rng, 4), *hostile(header, rng)]:
        tried.inputs += 1
        if not is_plain:
            old, new = program.load(), changed.load()
        differ = held_against(old, new, arguments, rules)
        if differ:
            if not tried.failures:
                tried.nature = nature(differ[0])
                shown = "\n".join(f"{name} = {value!r}" for name, value in arguments.items())
                tried.failures.append(f"{words}:\n{shown}\n" + "\n".join(differ))
            else:
                tried.failures.append(f"{words}: {differ[0]}")


def nature(difference: str) -> str:
    where, _, what = difference.partition(": ")
    kind = where.split("[")[0]
    old, _, new = what.partition(" | ")
    return f"{kind}: {old.split(' ')[0].split('(')[0][:24]} | {new.split(' ')[0].split('(')[0][:24]}"


def report(made: Made, found: Found | None, tried: Tried) -> str:
    lines = [f"{tried.label} program {tried.number} of kind {tried.kind}", f"inputs: {made.inputs}", ""]
    lines += ["== old", made.source]
    if found is not None:
        lines += ["== new", found.source or "", f"announced: {sorted(found.allowed())}"]
        lines += [f"rounding within {found.rel_bound()}", ""]
    lines += ["== differs", *tried.failures[:12]]
    return "\n".join(lines) + "\n"


class Summary:
    """What is printed in the end."""

    def __init__(self) -> None:
        self.all: Counter[str] = Counter()
        self.lifted: Counter[str] = Counter()
        self.changed: Counter[str] = Counter()
        self.wrong: Counter[str] = Counter()
        self.labels: Counter[tuple[str, bool]] = Counter()
        self.why_not: dict[str, Counter[str]] = {}
        self.natures: dict[tuple[str, str], list[int]] = {}
        self.inputs = 0

    def add(self, tried: Tried) -> None:
        self.all[tried.kind] += 1
        self.lifted[tried.kind] += tried.is_lifted
        self.changed[tried.kind] += tried.is_changed
        # A loop that must stay may be left in part.
        whole = tried.is_lifted and not (tried.leaves_a_loop and tried.label == REFUSED)
        self.labels[tried.label, whole] += 1
        self.inputs += tried.inputs
        if tried.why_not:
            self.why_not.setdefault(tried.kind, Counter())[tried.why_not[:110]] += 1
        if tried.failures:
            self.wrong[tried.kind] += 1
            self.natures.setdefault((tried.kind, tried.nature), []).append(tried.number)

    def share(self) -> float:
        lifted, not_lifted = self.labels[LIFTABLE, True], self.labels[LIFTABLE, False]
        return lifted / max(lifted + not_lifted, 1)

    def show(self, directory: Path) -> None:
        print(f"{'kind':<26}{'label':<10}{'programs':>9}{'lifted':>8}{'differ':>8}")
        for name in sorted(self.all, key=lambda name: (KINDS[name][0], name)):
            lifted = f"{100 * self.lifted[name] / self.all[name]:.0f} %"
            why = self.why_not.get(name, Counter()).most_common(1)
            told = f"  {why[0][0]}" if why and KINDS[name][0] == LIFTABLE else ""
            print(f"{name:<26}{KINDS[name][0]:<10}{self.all[name]:>9}{lifted:>8}{self.wrong[name]:>8}{told}")
        print(f"\n{sum(self.all.values())} programs, old and new compared on {self.inputs} inputs")
        print(f"of the liftable {100 * self.share():.1f} % lifted (at least {100 * WANTED:.0f} % are wanted)")
        print(f"of those to be refused {self.labels[REFUSED, True]} lifted")
        if self.natures:
            print("\nunannounced differences:")
        for (name, what), numbers in sorted(self.natures.items()):
            first = directory / f"{numbers[0]}.txt"
            print(f"  {name}, {what}: {len(numbers)} programs, e.g. {first}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000, help="how many programs")
    parser.add_argument("--seed", type=int, default=1, help="where the sequence starts")
    parser.add_argument("--start", type=int, default=0, help="number of the first program")
    parser.add_argument("--only", type=int, help="one program, by its number")
    parser.add_argument("--kind", choices=sorted(KINDS), help="programs of one kind")
    parser.add_argument("--jobs", type=int, default=min(os.cpu_count() or 1, 8), help="processes")
    parser.add_argument("--show", action="store_true", help="print each program with its new text or its blocker")
    options = parser.parse_args()
    numbers = range(options.start, options.start + options.count)
    if options.only is not None:
        numbers = range(options.only, options.only + 1)
    directory = Path(tempfile.mkdtemp(prefix="numlift-generator-"))
    summary = Summary()
    jobs: list[tuple[Any, ...]] = [(number, options.seed, options.kind) for number in numbers]
    if options.show:
        for job in jobs:
            show(*job)
    with multiprocessing.Pool(options.jobs) as pool:
        for done, tried in enumerate(pool.imap(attempt_job, jobs, chunksize=16), 1):
            summary.add(tried)
            if tried.failures:
                (directory / f"{tried.number}.txt").write_text(tried.text, encoding="utf-8")
            if sys.stderr.isatty() and done % 64 == 0:
                print(f"\r{done} of {len(jobs)}", end="", file=sys.stderr)
    if sys.stderr.isatty():
        print("\r", end="", file=sys.stderr)
    summary.show(directory)
    if not summary.natures:
        directory.rmdir()
    failed = sum(summary.wrong.values())
    too_few = summary.share() < WANTED and summary.labels[LIFTABLE, True] + summary.labels[LIFTABLE, False] > 0
    print(f"{len(jobs) - failed} passed, {failed + too_few} failed")
    return 1 if failed or too_few else 0


def show(number: int, seed: int, only: str | None) -> None:
    made, entropy = make(number, seed, only)
    header = Header.read(made.inputs)
    rng = np.random.default_rng(entropy)
    found = lift(Program(made.source, made.function), [header.example(rng) for _ in range(2)])
    print(f"# program {number}: {made.kind}, {made.label}, inputs {made.inputs}")
    print(made.source)
    print(
        f"# lifted, announced {sorted(found.allowed())}\n{found.source}" if found.source else f"# {found.why_not()}\n"
    )


def attempt_job(job: tuple[int, int, str | None]) -> Tried:
    return attempt(*job)


if __name__ == "__main__":
    sys.exit(main())
