"""Random programs under CPython against compiled: `cargo xtask fuzz compile`.

    python tests/generator/compiling.py --count 1000 --seed 0
    python tests/generator/compiling.py --class "fancy indexing" --count 100
    python tests/generator/compiling.py --seed 770032 --count 1             the program of a seed again

Every program runs on several kinds of arguments, plainly and as `numlift.jit` compiles it. What it returns, what it did
to its arguments, what it printed and warned of, and the exception with its message and line have to be the same;
numbers in every bit and type. Of which class a program is, its seed says.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import leaving
import outcomes
import quick
import workers
from corners import CORNERS
from nests import NestWriter
from numlift import _engine, _native
from programs import Writer
from topics import TOPICS

KINDS_OF_ARGUMENTS = 2
DRAWS = 2
# One program of so many is compiled as for everybody.
OPTIMIZED = 10
THREADS = 3


@dataclass
class Finding:
    """What came of one program."""

    seed: int
    topic: str
    # `compiled`, why it was not, or `different`.
    outcome: str
    # What differs, with the program.
    text: str = ""
    # Processor time.
    seconds: float = 0.0


def loaded(text: str, path: Path) -> Callable[..., Any]:
    """The function `f` of a module."""
    path.write_text(text)
    names: dict[str, Any] = {"__name__": path.stem}
    exec(compile(text, str(path), "exec"), names)
    function: Callable[..., Any] = names["f"]
    return function


def difference(
    seed: int, folder: Path, threads: int = 0, made: Callable[[int], Writer | NestWriter] = Writer, leaves: bool = False
) -> tuple[str | None, str]:
    """What differs in the program of a seed, and whether it was compiled: `compiled`, or why not.

    With a number of threads every loop that may run on them does; compiled code may be left wherever it can be.
    """
    writer = made(seed)
    text = writer.program()
    function = loaded(text, folder / f"program_{seed}.py")
    # What is compiled must be right whether it pays or not.
    kernel = _native.jit(function, {"always": True, "parallel": "tested" if threads else "auto"})
    _native.set_num_threads(threads)
    silent = misplaced = False
    for kind in range(KINDS_OF_ARGUMENTS):
        for draw in range(DRAWS):
            arguments = partial(writer.arguments, kind, draw)
            try:
                expected = outcomes.within_time(function, arguments())
            except outcomes.TooLong:
                return None, "takes CPython too long"
            if leaves:
                found = next(
                    (f"left at {place}: {text}" for place, text in left(kernel, expected, arguments, seed)), ""
                )
            else:
                actual = outcomes.ended(kernel, arguments())
                found = outcomes.apart(expected, actual)
                # Of several operations in one loop the first is told: documented.
                misplaced |= not _LOOP.search(text) and bool(outcomes.misplaced(expected, actual))
                silent |= outcomes.is_event_lost(expected, actual)
            if found and "RecursionError" in found and outcomes.hangs_on_depth(function, arguments()):
                return None, "compiled, how deep calls go decides"
            # One number's square is the product with itself, not C's power; complex numbers have loops of their own.
            may_round = "** 2" in text or any("complex" in repr(one) or "j" in repr(one) for one in arguments())
            if found and not leaves and may_round and outcomes.is_rounded_otherwise(expected, actual):
                return None, "compiled, the last bit is rounded otherwise: announced"
            if found:
                return f"seed {seed}\n{text}\narguments {arguments()}\n{found}", "different"
    reasons = [one["reason"] for one in kernel.specializations if not one["compiled"]]
    if reasons:
        return None, re.sub(r"line \d+: ", "", reasons[0].splitlines()[0])
    if silent or misplaced:
        what = "of what nobody uses is not told" if silent else "is told of another operation"
        return None, f"compiled, an event {what}"
    return None, "compiled"


_LOOP = re.compile(r"\b(for|while)\b")


def left(kernel: Any, expected: dict[str, Any], arguments: Callable[[], list[Any]], seed: int) -> Any:
    plain = _engine.compile
    _engine.compile = lambda text: plain(leaving.asking(text))
    try:
        yield from leaving.differences(kernel, expected, arguments, seed)
    finally:
        _engine.compile = plain


def of_lists(seed: int, folder: Path) -> tuple[str | None, str]:
    from compiling_lists import ListWriter

    return difference(seed, folder, made=ListWriter)


def of_own_lists(seed: int, folder: Path) -> tuple[str | None, str]:
    from own_lists import OwnLists

    # Every other program is left wherever it can be.
    return difference(seed, folder, made=OwnLists, leaves=bool(seed // len(CLASSES) % 2))


def protected(seed: int, folder: Path) -> tuple[str | None, str]:
    from protected import Protected

    return difference(seed, folder, made=Protected, leaves=bool(seed // len(CLASSES) % 2))


def of_modules(seed: int, folder: Path) -> tuple[str | None, str]:
    import compiling_modules

    try:
        found, compiled = compiling_modules.difference(seed, folder)
    except outcomes.TooLong:
        return None, "takes CPython too long"
    return found, "compiled" if compiled else "no loop is compiled"


def of_objects(seed: int, folder: Path) -> tuple[str | None, str]:
    import compiling_objects

    return compiling_objects.difference(seed, folder)


def on_threads(seed: int, folder: Path) -> tuple[str | None, str]:
    import independent

    if seed % 2:
        return difference(seed, folder, threads=THREADS)
    found, launched = independent.difference(seed, folder)
    return found, "compiled" if launched else "compiled, nothing to launch"


def of_nests(seed: int, folder: Path) -> tuple[str | None, str]:
    # Every other program on threads.
    return difference(seed, folder, made=NestWriter, threads=THREADS * (seed // len(CLASSES) % 2))


def by_exits(seed: int, folder: Path) -> tuple[str | None, str]:
    from compiling_lists import ListWriter

    writers = [*TOPICS.values(), *CORNERS.values(), ListWriter]
    return difference(seed, folder, made=writers[seed // len(CLASSES) % len(writers)], leaves=True)


Test = Callable[[int, Path], tuple[str | None, str]]
CLASSES: dict[str, Test] = {
    **{topic: partial(difference, made=writer) for topic, writer in (TOPICS | CORNERS).items()},
    "exits": by_exits,
    "lists": of_lists,
    "own lists": of_own_lists,
    "protected": protected,
    "nests": of_nests,
    "modules": of_modules,
    "objects": of_objects,
    "threads": on_threads,
    "mixed": difference,
}


def test(folder: Path, only: str | None, seed: int) -> Finding:
    """What comes of the program of a seed."""
    topic = only or list(CLASSES)[seed % len(CLASSES)]
    quick.use(bool(seed // len(CLASSES) % OPTIMIZED))
    began = time.process_time()
    found, outcome = CLASSES[topic](seed, folder)
    for name in ("program", "module", "objects", "independent"):
        (folder / f"{name}_{seed}.py").unlink(missing_ok=True)
    # What the compiler takes for its own mistake runs in Python, and rightly; it is a mistake all the same.
    if not found and outcome.startswith("internal error"):
        found = f"seed {seed}: {outcome}"
    return Finding(seed, topic, "different" if found else outcome, found or "", time.process_time() - began)


def main() -> None:
    # What is compiled once only would fill the cache.
    os.environ["NUMLIFT_CACHE"] = "0"
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0, help="where the sequence starts")
    parser.add_argument("--class", dest="topic", choices=[*CLASSES], help="programs of one class only")
    parser.add_argument("--processes", type=int, default=1, help="how many programs run at a time")
    parser.add_argument("--shown", type=int, default=5, help="how many differences of a class are shown")
    asked = parser.parse_args()
    seeds = range(asked.seed, asked.seed + asked.count)

    def crashed(seed: int, how: str) -> Finding:
        topic = asked.topic or list(CLASSES)[seed % len(CLASSES)]
        return Finding(seed, topic, "crashed", f"seed {seed}: {how}")

    tally: dict[str, Counter[str]] = {topic: Counter() for topic in CLASSES}
    seconds: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        each = partial(test, Path(folder), asked.topic)
        # The engine is there before the first worker is.
        quick.made()
        for number, finding in enumerate(workers.run(seeds, each, asked.processes, crashed), 1):
            tally[finding.topic][finding.outcome] += 1
            seconds[finding.topic] += finding.seconds  # type: ignore[assignment]
            if finding.text and tally[finding.topic][finding.outcome] <= asked.shown:
                print(f"--- {finding.topic}: {finding.text}\n", flush=True)
            if number % 5000 == 0:
                print(f"{number} programs", flush=True)
    show(tally, seconds)
    wrong = sum(counted[kind] for counted in tally.values() for kind in ("different", "crashed"))
    sys.exit(1 if wrong else 0)


def show(tally: dict[str, Counter[str]], seconds: Counter[str]) -> None:
    """How many programs of each class there were, and what became of them."""
    print(
        f"{'class':20}{'programs':>9}{'compiled':>9}{'different':>10}{'crashed':>8}{'ms':>6}   not compiled, most often"
    )
    for topic, counted in [*tally.items(), ("all", sum(tally.values(), Counter()))]:
        compiled = sum(times for outcome, times in counted.items() if outcome.startswith("compiled"))
        others = [f"{times} {outcome}" for outcome, times in counted.most_common() if outcome not in NAMED]
        counts = f"{counted.total():9}{compiled:9}{counted['different']:10}{counted['crashed']:8}"
        each = 1000 * (seconds[topic] if topic in tally else seconds.total()) / max(counted.total(), 1)
        if counted:
            print(f"{topic:20}{counts}{each:6.0f}   {'; '.join(others[:3])[:150]}")


NAMED = ("compiled", "different", "crashed")

if __name__ == "__main__":
    main()
