"""Ends the processes that a program started, when the program is stopped before it would have ended them.

A terminal's Ctrl-C reaches every process of the foreground group; a stop of ours (`--for`, `--timeout`) reaches the
program alone. So what it started ends with it here, as far as it is in the program's own process group: a server that
was started in a session of its own is meant to stay.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterable

# Between asking and insisting (seconds).
PATIENCE = 0.5


def end_children() -> None:
    """Ends them; afterwards none is left that can be ended."""
    if not hasattr(os, "killpg"):
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        found = in_group(descendants(os.getpid()))
        if not found:
            return
        for pid in found:
            send(pid, number)
        until = time.monotonic() + PATIENCE
        while found and time.monotonic() < until:
            reap()
            found = [pid for pid in found if is_running(pid)]
            time.sleep(0.005)


def descendants(pid: int) -> list[int]:
    """Children, their children and so on."""
    by_parent: dict[int, list[int]] = {}
    for child, parent in parents():
        by_parent.setdefault(parent, []).append(child)
    found, pending = [], [pid]
    while pending:
        children = by_parent.get(pending.pop(), [])
        found += children
        pending += children
    return found


def parents() -> Iterable[tuple[int, int]]:
    """Every process with its parent."""
    if os.path.isdir("/proc/self"):
        return proc_parents()
    command = ["ps", "-A", "-o", "pid=,ppid="]
    try:
        listed = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    rows = [line.split() for line in listed.splitlines()]
    return [(int(row[0]), int(row[1])) for row in rows if len(row) == 2]


def proc_parents() -> Iterable[tuple[int, int]]:
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    # The command's name may hold anything; behind its bracket come state and parent.
                    state, parent = file.read().rpartition(b")")[2].split()[:2]
            except (OSError, ValueError):
                continue
            if state != b"Z":
                yield int(name), int(parent)


def in_group(pids: Iterable[int]) -> list[int]:
    own = os.getpgrp()
    found = []
    for pid in pids:
        try:
            if os.getpgid(pid) == own:
                found.append(pid)
        except OSError:
            continue
    return found


def send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except OSError:
        return


def reap() -> None:
    """Children that have ended are gone once they are waited for."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except OSError:
        return


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True
