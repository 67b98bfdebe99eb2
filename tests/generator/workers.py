"""Random programs in processes of their own, so that one that crashes or never ends is a finding like others.

A worker is a fork of a process that has imported everything. It runs one program after the other, says before each
which one it is, and is replaced after a few hundred: what a program leaves behind would add up.
"""

from __future__ import annotations

import mmap
import os
import pickle
import resource
import selectors
import signal
import struct
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

# Programs that a process runs before it is replaced.
LIFETIME = 400
# Processor time and memory that a program may take.
SECONDS = 30
BYTES = 2 << 30

Test = Callable[[int], Any]


@dataclass
class Worker:
    """A process that runs the programs of some seeds."""

    seeds: range
    pid: int
    answers: Any
    at: mmap.mmap
    read: bytes = b""

    @classmethod
    def start(cls, seeds: range, test: Test) -> Worker:
        reading, writing = os.pipe()
        at = mmap.mmap(-1, 8)
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            try:
                work(seeds, test, writing, at)
            except BaseException:
                # Whatever it is, it must not come to what the parent does at its end.
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        os.close(writing)
        return cls(seeds, pid, reading, at)


def work(seeds: range, test: Test, writing: int, at: mmap.mmap) -> None:
    """What a worker does."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (BYTES, BYTES))
    with open(writing, "wb", buffering=0) as answers:
        for seed in seeds:
            at[:8] = struct.pack("q", seed)
            signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
            answer = pickle.dumps(test(seed))
            answers.write(struct.pack("q", len(answer)) + answer)
        at[:8] = struct.pack("q", seeds.stop)


def run(seeds: range, test: Test, processes: int, crashed: Callable[[int, str], Any]) -> Iterator[Any]:
    """What the test says of every seed, as it comes; `crashed` makes an answer for one whose process died."""
    waiting = [seeds[start : start + LIFETIME] for start in range(0, len(seeds), LIFETIME)][::-1]
    selector = selectors.DefaultSelector()

    def fill() -> None:
        while waiting and len(selector.get_map()) < processes:
            worker = Worker.start(waiting.pop(), test)
            selector.register(worker.answers, selectors.EVENT_READ, worker)

    fill()
    try:
        while selector.get_map():
            for key, _ in selector.select():
                worker = key.data
                chunk = os.read(worker.answers, 1 << 16)
                worker.read += chunk
                yield from complete(worker)
                if chunk:
                    continue
                selector.unregister(worker.answers)
                os.close(worker.answers)
                [at] = struct.unpack("q", worker.at[:8])
                _, status = os.waitpid(worker.pid, 0)
                if at < worker.seeds.stop:
                    yield crashed(at, how(status))
                    if at + 1 < worker.seeds.stop:
                        waiting.append(range(at + 1, worker.seeds.stop))
            fill()
    finally:
        # Nobody asks for more.
        for key in [*selector.get_map().values()]:
            os.kill(key.data.pid, signal.SIGKILL)
            os.waitpid(key.data.pid, 0)
            os.close(key.data.answers)


def complete(worker: Worker) -> Iterator[Any]:
    while len(worker.read) >= 8:
        [size] = struct.unpack("q", worker.read[:8])
        if len(worker.read) < 8 + size:
            return
        yield pickle.loads(worker.read[8 : 8 + size])
        worker.read = worker.read[8 + size :]


def how(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    if code == -signal.SIGVTALRM:
        return f"runs for more than {SECONDS} seconds"
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
