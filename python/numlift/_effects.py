"""What a program does to the world: files, sockets, processes, windows, seen through `sys.addaudithook`.

An effect is laid to the regions that were active: found by walking the stack and comparing line numbers, so it is
right for regions whose hooks are off too. Reading is no effect; neither are caches of byte code and of test runners,
files without a name, the null device and standard streams.
"""

from __future__ import annotations

import os
import sys
import tempfile
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numlift import _world

Json = dict[str, Any]
AT_MOST = 1000
WRITING = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC
# Directories in which tools keep what they can make again.
CACHES = frozenset({"__pycache__", ".pytest_cache", ".hypothesis"})
TOOLKITS = "tkinter _tkinter PyQt5.QtWidgets PyQt6.QtWidgets PySide2.QtWidgets PySide6.QtWidgets wx pygame pyglet"
WINDOWS = frozenset(TOOLKITS.split())


@dataclass(frozen=True)
class Place:
    """Where a region's text is."""

    id: int
    first: tuple[int, int]
    last: tuple[int, int]

    def holds(self, line: int, column: int | None) -> bool:
        """Whether a position is inside; by the line alone where columns are not kept."""
        if column is None:
            return self.first[0] <= line <= self.last[0]
        return self.first <= (line, column) < self.last


class Effects:
    """Collects effects from the audit hook."""

    def __init__(self, cwd: str, own: str) -> None:
        self.cwd = os.path.realpath(cwd)
        self.own = os.path.realpath(own) + os.sep
        self.temporary_root = temporary_root()
        self.places: dict[str, list[Place]] = {}
        self.found: list[Json] = []
        self.seen: set[tuple[Any, ...]] = set()
        self.counts: dict[str, int] = {}
        self.active = False
        self.before_exec: Callable[[], None] = lambda: None
        self.handlers: dict[str, Callable[[tuple[Any, ...]], None]] = {
            "open": self.opened,
            "import": self.imported,
            "os.remove": lambda a: self.path("delete", located(a[0], a[1])),
            "os.rmdir": lambda a: self.path("delete", located(a[0], a[1])),
            "os.rename": self.renamed,
            "os.mkdir": self.directory_made,
            "os.truncate": lambda a: self.path("write", a[0]),
            "os.link": lambda a: self.path("write", a[1]),
            "os.symlink": lambda a: self.path("write", located(a[1], a[2])),
            "os.chmod": lambda a: self.path("other", a[0]),
            "os.chown": lambda a: self.path("other", a[0]),
            "os.utime": lambda a: self.path("other", a[0]),
            "sqlite3.connect": self.database,
            "socket.connect": lambda a: self.note("socket", repr(a[1]), False),
            "socket.bind": lambda a: self.note("socket", repr(a[1]), False),
            "socket.sendto": lambda a: self.note("socket", repr(a[1]), False),
            "subprocess.Popen": lambda a: self.note("subprocess", command(a[1]) or str(a[0]), False),
            "os.system": lambda a: self.note("subprocess", command(a[0]), False),
            "os.posix_spawn": lambda a: self.note("subprocess", command(a[1]), False),
            "os.spawn": lambda a: self.note("subprocess", command(a[2]), False),
            "os.startfile": lambda a: self.note("subprocess", command(a[0]), False),
            "os.fork": lambda a: self.note("subprocess", "fork", False),
            "os.forkpty": lambda a: self.note("subprocess", "fork", False),
            "os.exec": self.replaced,
            "os.kill": lambda a: self.note("other", f"kill {a[0]}", False),
            "webbrowser.open": lambda a: self.note("window", str(a[0]), False),
            "ctypes.dlopen": self.library,
        }

    def start(self) -> None:
        """Hooks into the interpreter, for good; `active` switches it."""
        handlers = self.handlers

        def audit(event: str, arguments: tuple[Any, ...]) -> None:
            handler = handlers.get(event)
            if handler is not None and self.active:
                self.active = False
                try:
                    handler(arguments)
                except Exception:
                    self.note("other", event, False)
                finally:
                    self.active = True

        sys.addaudithook(audit)
        self.active = True

    def stop(self) -> None:
        """No more effects are noted."""
        self.active = False
        self.handlers.clear()

    def opened(self, arguments: tuple[Any, ...]) -> None:
        path, mode, flags = arguments
        if isinstance(path, int):
            return
        writes = any(letter in mode for letter in "wax+") if isinstance(mode, str) else bool(flags and flags & WRITING)
        # What is opened in the name of a directory is a file without a name.
        if writes and not os.path.isdir(path):
            self.path("write", path)

    def renamed(self, arguments: tuple[Any, ...]) -> None:
        self.path("rename", located(arguments[0], arguments[2]))
        self.path("rename", located(arguments[1], arguments[3]))

    def directory_made(self, arguments: tuple[Any, ...]) -> None:
        path = located(arguments[0], arguments[2])
        if not os.path.isdir(path):
            self.path("write", path)

    def database(self, arguments: tuple[Any, ...]) -> None:
        if str(arguments[0]) not in (":memory:", ""):
            self.path("write", arguments[0])

    def imported(self, arguments: tuple[Any, ...]) -> None:
        if arguments[0] in WINDOWS and arguments[0] not in sys.modules:
            self.note("window", str(arguments[0]), False)

    def library(self, arguments: tuple[Any, ...]) -> None:
        """Foreign functions may do anything; NumPy and others load libraries for their own use."""
        frame: types.FrameType | None = sys._getframe(2)
        while frame is not None and "ctypes" in frame.f_code.co_filename:
            frame = frame.f_back
        if frame is not None and _world.is_project_file(frame.f_code.co_filename):
            self.note("other", f"library {arguments[0]}", False)

    def replaced(self, arguments: tuple[Any, ...]) -> None:
        self.note("subprocess", command(arguments[1]), False)
        self.before_exec()

    def path(self, kind: str, path: Any) -> None:
        text = os.fsdecode(path) if isinstance(path, (str, bytes, os.PathLike)) else str(path)
        if text in (os.devnull, "/dev/tty", "/dev/stdout", "/dev/stderr") or not CACHES.isdisjoint(text.split(os.sep)):
            return
        real = os.path.realpath(text)
        if real.startswith(self.own):
            return
        self.note(kind, os.path.abspath(text), self.is_temporary(real))

    def is_temporary(self, real: str) -> bool:
        """In the temporary directory, and not because the program itself lies there."""
        if not real.startswith(self.temporary_root + os.sep):
            return False
        return self.cwd == self.temporary_root or not real.startswith(self.cwd + os.sep)

    def note(self, kind: str, what: str, temporary: bool) -> None:
        active = self.active_regions(sys._getframe(1))
        region, within = (active[0], active[1:]) if active else (None, [])
        key = (kind, what, region)
        if key in self.seen or self.counts.get(kind, 0) >= AT_MOST:
            return
        self.seen.add(key)
        self.counts[kind] = self.counts.get(kind, 0) + 1
        effect = {"kind": kind, "what": what, "temporary": temporary, "region": region, "within": within}
        self.found.append(effect)

    def active_regions(self, frame: types.FrameType | None) -> list[int]:
        """The regions in which the stack stands, innermost first."""
        active: list[int] = []
        while frame is not None:
            places = self.places.get(frame.f_code.co_filename)
            if places:
                inside = [place for place in places if place.holds(*position(frame))]
                inside.sort(key=lambda place: (place.last[0] - place.first[0], place.last, place.id))
                active.extend(place.id for place in inside if place.id not in active)
            frame = frame.f_back
        return active


def located(path: Any, directory: int) -> Any:
    """The path, when it is meant relative to an open directory; as given where nobody can say which one that is."""
    if not isinstance(path, (str, bytes, os.PathLike)) or directory < 0 or os.path.isabs(path):
        return path
    try:
        return os.path.join(os.readlink(f"/proc/self/fd/{directory}"), os.fsdecode(path))
    except OSError:
        return path


def position(frame: types.FrameType) -> tuple[int, int | None]:
    """Line and column at which a frame stands."""
    index = frame.f_lasti // 2
    for number, (line, _, column, _) in enumerate(frame.f_code.co_positions()):
        if number == index:
            return line or frame.f_lineno or 0, column
    return frame.f_lineno or 0, None


def command(arguments: Any) -> str:
    if isinstance(arguments, bytes):
        return os.fsdecode(arguments)
    if isinstance(arguments, (list, tuple)):
        return " ".join(command(part) for part in arguments)
    return str(arguments)


def temporary_root() -> str:
    """The directory for temporary files, without deciding it for the program."""
    decided = tempfile.tempdir
    try:
        return os.path.realpath(tempfile.gettempdir())
    except OSError:
        return os.path.realpath(os.sep)
    finally:
        tempfile.tempdir = decided
        # Made for a trial file just now, from entropy that is not the program's.
        tempfile._name_sequence = None  # type: ignore[attr-defined]
