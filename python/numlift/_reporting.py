"""A run of the program that ends in a report, however it ends: by itself, by `os._exit`, a signal or a time limit."""

from __future__ import annotations

import _thread
import abc
import os
import time

from numlift import _program

leave_process = os._exit


class Reporting(abc.ABC):
    """Writes one report in the process that the run began in, and not in its children."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.finished = False
        self.lock = _thread.allocate_lock()
        self.ending: _program.Ending | None = None

    def exit_now(self, status: int) -> None:
        """`os._exit`: nothing else would be written any more."""
        if os.getpid() == self.pid:
            self.finish("finished" if status == 0 else "failed", status, None)
        leave_process(status)

    def at_exit(self) -> None:
        """Reports how the program ended."""
        ending = self.ending
        if ending is None:
            self.finish("failed", 1, None)
        elif ending.interrupted:
            self.finish("interrupted", ending.exit_code, ending.traceback)
        elif ending.traceback is not None:
            self.finish("failed", ending.exit_code, ending.traceback)
        else:
            self.finish("finished", ending.exit_code, None)

    def finish(self, ended: str, exit_code: int, traceback: str | None) -> None:
        """Writes the report, the first time that it is called."""
        if self.finished or os.getpid() != self.pid:
            return
        if not self.lock.acquire(blocking=False):
            self.wait_for_report()
            return
        self.write_report(ended, exit_code, traceback)
        self.finished = True

    def wait_for_report(self) -> None:
        """Another thread is writing the report; the process must not end before it has."""
        for _ in range(600):
            if self.finished:
                return
            time.sleep(0.05)

    @abc.abstractmethod
    def write_report(self, ended: str, exit_code: int, traceback: str | None) -> None:
        """Writes what this kind of run reports."""
