"""Makes a run repeatable: system entropy is drawn from a recorded seed, clock reads are noted.

While a program is watched, `os.urandom` and everything that draws on it (`secrets`, `uuid4`, `random.seed()`,
`np.random.default_rng()`, NumPy's global generator) reads from a generator with a fresh seed; the seed is recorded,
and `run` starts from the same one, so the program draws the same numbers again. Child processes get the system's
entropy as ever.

The clock is not replayed. It is noted how much standard output there was at each reading, so that the lines which
may show a time are known.
"""

from __future__ import annotations

import builtins
import functools
import hashlib
import json
import os
import random
import sys
import time
import types
from collections.abc import Callable
from typing import Any

from numlift import _instrument, _world

Json = dict[str, Any]
system_urandom = os.urandom
now = time.perf_counter
READERS = (
    "time time_ns perf_counter perf_counter_ns monotonic monotonic_ns process_time process_time_ns thread_time "
    "thread_time_ns localtime gmtime ctime strftime asctime"
).split()
AT_MOST = 20_000


class Entropy:
    """A stream of bytes from one seed, in place of the system's."""

    def __init__(self, seed: bytes) -> None:
        self.seed = seed
        self.counts: dict[str, int] = {}
        self.used = False
        self.off = False
        self.start: Any = None

    def draw(self, size: int) -> bytes:
        """`os.urandom`."""
        if size < 0 or self.off:
            return system_urandom(size)
        # NumPy seeds its global generator when it is imported; a rewrite may import it earlier than the original.
        if importing_numpy():
            purpose = "numpy"
        elif in_library_import(sys._getframe(1)):
            purpose = "import"
        else:
            purpose = "program"
            self.used = True
        return self.bytes_for(purpose, size)

    def bytes_for(self, purpose: str, size: int) -> bytes:
        count = self.counts.get(purpose, 0)
        self.counts[purpose] = count + 1
        return hashlib.shake_256(self.seed + f"{purpose} {count}".encode()).digest(size)

    def generators_used(self) -> bool:
        """Whether a global generator has moved from where the system's entropy had put it."""
        if random.getstate() != self.start:
            return True
        numpy_random: Any = sys.modules.get("numpy.random")
        if numpy_random is None or not self.counts.get("numpy"):
            return False
        # As `RandomState()` seeds itself: 128 bits, big end first.
        first = int.from_bytes(hashlib.shake_256(self.seed + b"numpy 0").digest(16), "big")
        fresh = numpy_random.MT19937(numpy_random.SeedSequence(first)).state["state"]
        state = numpy_random.get_state(legacy=False)["state"]
        return bool(state["pos"] != fresh["pos"] or (state["key"] != fresh["key"]).any())

    def install(self) -> None:
        """Replaces the system's entropy in this process."""
        os.urandom = self.draw
        random._urandom = self.draw  # type: ignore[attr-defined]
        secrets = sys.modules.get("secrets")
        if secrets is not None and hasattr(secrets, "urandom"):
            setattr(secrets, "urandom", self.draw)  # noqa: B010
        plain_seed = random.Random.seed

        def seed(generator: random.Random, a: Any = None, version: int = 2) -> None:
            """Random.seed; without a seed from the recorded entropy."""
            if a is None:
                a = int.from_bytes(self.draw(64), "little")
            plain_seed(generator, a, version)

        seed.__qualname__ = "Random.seed"
        seed.__module__ = "random"
        setattr(random.Random, "seed", seed)  # noqa: B010
        random.seed = random._inst.seed
        plain_seed(random._inst, int.from_bytes(self.bytes_for("start", 64), "little"))
        self.start = random.getstate()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self.uninstall)

    def uninstall(self) -> None:
        self.off = True
        os.urandom = system_urandom
        random._urandom = system_urandom  # type: ignore[attr-defined]


def importing_numpy() -> bool:
    module = sys.modules.get("numpy.random")
    return bool(module is not None and getattr(module.__spec__, "_initializing", False))


class ClockReads:
    """Notes where in standard output the clock was read."""

    def __init__(self, position: Callable[[], int]) -> None:
        self.position = position
        self.count = 0
        self.places: list[int] = []
        self.next_note = 0.0
        self.on = True

    def note(self) -> None:
        """The clock is read here."""
        if not self.on or in_library_import(sys._getframe(2)):
            return
        self.count += 1
        if (len(self.places) > 200 and now() < self.next_note) or len(self.places) >= AT_MOST:
            return
        place = self.position()
        if not self.places or self.places[-1] != place:
            self.places.append(place)
        self.next_note = now() + 1e-3

    def install(self) -> None:
        """Replaces the functions of `time`, and catches what `_instrument` wraps."""
        for name in READERS:
            original = getattr(time, name, None)
            if original is not None:
                setattr(time, name, self.noting(name, original))

        def noted(value: Any) -> Any:
            self.note()
            return value

        setattr(builtins, _instrument.CLOCK_NAME, noted)

    def noting(self, name: str, original: Any) -> Any:
        note = self.note
        if name in ("localtime", "gmtime", "ctime", "strftime", "asctime"):

            def reader(*arguments: Any) -> Any:
                if len(arguments) < (2 if name == "strftime" else 1):
                    note()
                return original(*arguments)

        else:

            def reader() -> Any:  # type: ignore[misc]
                note()
                return original()

        reader.__name__ = reader.__qualname__ = name
        reader.__module__ = "time"
        reader.__doc__ = original.__doc__
        return reader


def in_library_import(frame: types.FrameType | None) -> bool:
    """Whether a library reads the clock because it is being imported; nothing of that is ever shown."""
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith("<frozen importlib"):
            return True
        if is_project(file):
            return False
        frame = frame.f_back
    return False


@functools.cache
def is_project(file: str) -> bool:
    return _world.is_project_file(file)


def fresh_seed() -> bytes:
    """A new seed from the system."""
    return system_urandom(32)


def write_record(path: str, entropy: Entropy, clock: ClockReads, stdin: str | None) -> None:
    """The file that `Outcome.entropy` names."""
    record = {
        "version": 1,
        "seed": entropy.seed.hex(),
        "hash_seed": os.environ.get("PYTHONHASHSEED", ""),
        "clock_reads": clock.count,
        # Bytes of standard output at the readings, ascending: lines that end behind the first one may show a time.
        "clock": clock.places,
        "stdin": stdin,
    }
    with open(path, "w", encoding="utf-8") as file:
        json.dump(record, file)


def read_record(path: str) -> Json:
    """What `write_record` wrote."""
    with open(path, encoding="utf-8") as file:
        record: Json = json.load(file)
    return record
