"""Standard output, error and input of a watched program, recorded.

Output is recorded below Python, by pointing file descriptors 1 and 2 at files, so what C code and child processes
print is recorded too and `sys.stdout` stays the object it is. With `echo`, what Python prints goes to the old streams
as well. Input is read through a recorder, or from a file.
"""

from __future__ import annotations

import io
import os
import sys
from typing import Any

RAW_FLAGS = os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND | getattr(os, "O_BINARY", 0)


class Output:
    """Standard output and error, going to two files of the job directory."""

    def __init__(self, directory: str, echo: bool) -> None:
        self.paths = {1: os.path.join(directory, "stdout.txt"), 2: os.path.join(directory, "stderr.txt")}
        self.saved: dict[int, int] = {}
        for number, name in ((1, "stdout"), (2, "stderr")):
            stream = getattr(sys, name)
            if stream is not None:
                stream.flush()
            self.saved[number] = os.dup(number)
            file = os.open(self.paths[number], RAW_FLAGS, 0o600)
            os.dup2(file, number)
            os.close(file)
            if echo and stream is not None:
                made = echoing(stream, number, self.saved[number])
                setattr(sys, name, made)
                setattr(sys, f"__{name}__", made)
        self.stdout: Any = sys.stdout

    def position(self) -> int:
        """How many bytes of standard output there are so far."""
        flush(self.stdout)
        return os.fstat(1).st_size

    def flush(self) -> None:
        """Everything that Python holds back into the files."""
        streams = (self.stdout, sys.__stdout__, sys.__stderr__, sys.stdout, sys.stderr)
        for stream in streams:
            flush(stream)

    def read(self, start: int, end: int) -> str:
        """A piece of the recorded standard output."""
        with open(self.paths[1], "rb") as file:
            file.seek(start)
            return file.read(end - start).decode("utf-8", "replace")


def flush(stream: Any) -> None:
    try:
        stream.flush()
    except (AttributeError, ValueError, OSError, RuntimeError):
        pass


class Tee(io.FileIO):
    """Writes to a file descriptor and to a second one."""

    def __init__(self, number: int, second: int) -> None:
        super().__init__(number, "wb", closefd=False)
        self.second = second

    def write(self, data: Any) -> int:
        try:
            os.write(self.second, data)
        except OSError:
            pass
        written = super().write(data)
        return written if written is not None else 0


def echoing(stream: Any, number: int, second: int) -> io.TextIOWrapper:
    """A stream like this one that writes to both."""
    raw = Tee(number, second)
    raw.name = f"<{'stdout' if number == 1 else 'stderr'}>"
    made = io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=stream.encoding,
        errors=stream.errors,
        newline=None if os.name == "nt" else "\n",
        line_buffering=stream.line_buffering,
    )
    made.mode = "w"  # type: ignore[misc]
    return made


class Input:
    """Standard input, noticed when read and recorded for the next run."""

    def __init__(self, directory: str, file: str | None) -> None:
        self.used = False
        self.path = file or os.path.join(directory, "stdin.bin")
        self.record = None if file else open(self.path, "wb", buffering=0)
        if file:
            feed(file)
        stream: Any = sys.stdin
        if stream is None:
            return
        made = io.TextIOWrapper(
            io.BufferedReader(Recorder(0, self)),
            encoding=stream.encoding,
            errors=stream.errors,
            newline=None if os.name == "nt" else "\n",
            line_buffering=stream.line_buffering,
        )
        made.mode = "r"  # type: ignore[misc]
        sys.stdin = sys.__stdin__ = made  # type: ignore[misc]


class Recorder(io.FileIO):
    """Reads a file descriptor and keeps what was read."""

    def __init__(self, number: int, owner: Input) -> None:
        super().__init__(number, "rb", closefd=False)
        self.name = "<stdin>"
        self.owner = owner

    def readinto(self, buffer: Any) -> int | None:
        self.owner.used = True
        size = super().readinto(buffer)
        if size and self.owner.record is not None:
            self.owner.record.write(memoryview(buffer)[:size])
        return size

    def readall(self) -> bytes:
        self.owner.used = True
        data = super().readall() or b""
        if self.owner.record is not None:
            self.owner.record.write(data)
        return data


def feed(file: str) -> None:
    """This file becomes standard input, for child processes too."""
    opened = os.open(file, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    os.dup2(opened, 0)
    os.close(opened)
