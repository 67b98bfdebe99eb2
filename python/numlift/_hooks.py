"""Counting and timing regions at almost no cost.

A hook is a builtin that instrumented code looks up by name; binding it to something else changes what the hook does:

    every entry is timed      the iterator calls `enter` each time; about 0.4 µs for an entry and exit
    some entries are timed    the iterator is `repeat(None, k)` and then `enter`: k entries pass through C code alone,
                              about 15 ns each, and the exit hook is off; then one is timed and stands for k + 1
    off                       None: about 3 ns

A region starts with every entry timed; when its entries turn out to be short, k is chosen so that the timing costs
about one part in fifty. Time that numlift itself spends inside a region (`Clock.lost`) is taken out of it and of all
regions around it. A recursive region counts its outermost entries.
"""

from __future__ import annotations

import _thread
import builtins
import itertools
import random
import sys
import time
import types
from collections.abc import Callable
from typing import Any

from numlift import _instrument, _recursion

get_ident = _thread.get_ident
now = time.perf_counter

HOOKS = builtins.__dict__
# An entry longer than this is always timed (seconds); what timing a sampled one costs; what part of it timing may cost.
LONG = 40e-6
SAMPLE_COST = 2.5e-6
SHARE = 0.02
LARGEST_STEP = 4000
# So many entries inside one make a region one that calls itself often.
MANY_INNER = 300
FIRST_TIMED = 200


class Clock:
    """What all regions share: the time that is numlift's own, and whether numlift itself is at work."""

    def __init__(self) -> None:
        self.started = now()
        self.lost = 0.0
        # The thread in which numlift is at work, else 0; what the program's code does there for us is not counted.
        self.busy = 0
        self.overhead = 0.0

    def elapsed(self) -> float:
        """The program's own time until now."""
        return now() - self.started - self.lost


class Timer:
    """One region: its hooks, entries and time."""

    def __init__(self, number: int, clock: Clock, look: Callable[[Timer, types.FrameType], None]) -> None:
        self.number = number
        self.clock = clock
        self.look = look
        # Called with the frame and the seconds when an entry ends that a look was taken at.
        self.finish: Callable[[types.FrameType, float], None] | None = None
        self.entries = 0
        self.seconds = 0.0
        self.exact = True
        self.look_at = 1
        self.depth = 0
        self.recursive = False
        self.weight = 1
        self.mean = 0.0
        self.entered = 0.0
        self.lost_before = 0.0
        self.pending: Any = None
        self.step = 0
        self.random = random.Random(number)
        self.names = _instrument.enter_name(number), _instrument.leave_name(number)
        # Endless, so one is enough: making another at each sample would set off garbage collections.
        self.every = map(self.enter, itertools.repeat(None))
        self.every_recursive = map(self.enter_recursive, itertools.repeat(None))
        self.first_inner = 0
        self.looks: _recursion.StackLooks | None = None
        # Called instead of `finish` when the end of that entry can't be seen.
        self.unfinished: Callable[[float], None] = lambda seconds: None

    def start(self) -> None:
        """Binds the hooks so that every entry is timed."""
        HOOKS[self.names[0]] = self.every
        HOOKS[self.names[1]] = self.leave

    def stop(self) -> None:
        """Switches the hooks off, and counts what is still open."""
        self.count_passed()
        HOOKS[self.names[0]] = None
        HOOKS[self.names[1]] = None
        if self.depth:
            self.depth = 0
            self.add(now() - self.entered - (self.clock.lost - self.lost_before))

    def enter(self, _: None) -> None:
        if self.clock.busy and self.clock.busy == get_ident():
            return
        if self.pending is not None:
            self.begin_sample()
            if self.recursive and runs_in(sys._getframe(1)):
                # Its time is part of an outer entry's.
                self.weight = 0
        self.entries += 1
        if self.depth:
            self.depth += 1
            self.recursive = True
            inner = self.entries - self.first_inner
            if inner > MANY_INNER and now() - self.entered < inner * LONG:
                self.look_at_stack(sys._getframe(1))
            return
        self.first_inner = self.entries
        if self.entries >= self.look_at:
            self.look(self, sys._getframe(1))
        self.depth = 1
        self.lost_before = self.clock.lost
        self.entered = now()

    def leave(self) -> None:
        left = now()
        if not self.depth or (self.clock.busy and self.clock.busy == get_ident()):
            return
        self.depth -= 1
        if self.depth:
            return
        seconds = max(left - self.entered - (self.clock.lost - self.lost_before) - self.clock.overhead, 0.0)
        self.add(seconds)
        if self.finish is not None:
            finish, self.finish = self.finish, None
            finish(sys._getframe(1), seconds)
        if self.step or (self.mean < LONG and self.entries >= FIRST_TIMED):
            self.choose_step()

    def look_at_stack(self, frame: types.FrameType) -> None:
        """From here on the region is timed as `_recursion` says, and no more snapshots are taken."""
        self.looks = _recursion.StackLooks(frame, self.entered, self.lost_before)
        if self.finish is not None:
            self.finish = None
            self.looks.left = self.unfinished
        self.exact = False
        self.depth = 0
        self.seconds += self.looks.look(frame, self.clock.lost)
        self.pass_entries(self.looks.step)

    def enter_recursive(self, _: None) -> None:
        looks = self.looks
        if looks is None or (self.clock.busy and self.clock.busy == get_ident()):
            return
        self.entries += self.step + 1
        self.seconds += looks.look(sys._getframe(1), self.clock.lost)
        self.pass_entries(looks.step)

    def pass_entries(self, step: int) -> None:
        self.step = step
        self.pending = itertools.repeat(None, step)
        following = self.every if self.looks is None else self.every_recursive
        HOOKS[self.names[0]] = itertools.chain(self.pending, following)
        HOOKS[self.names[1]] = None

    def add(self, seconds: float) -> None:
        if self.finish is not None and self.weight > 1:
            # Slow because a snapshot was taken just before: it stands for itself only.
            self.seconds += seconds + (self.weight - 1) * min(seconds, self.mean)
            return
        self.seconds += seconds * self.weight
        share = 0.5 if self.entries < 16 else 0.1
        self.mean += share * (seconds - self.mean)

    def choose_step(self) -> None:
        """Lets the next entries pass, as many as the length of the last ones calls for."""
        clock = self.clock
        began = now()
        if self.mean >= LONG:
            self.step, self.weight = 0, 1
            self.start()
            return
        wanted = min(SAMPLE_COST / (SHARE * max(self.mean, 1e-8)), LARGEST_STEP)
        self.exact = False
        # Not always the same distance, or a program with a rhythm of its own would fool us.
        self.pass_entries(1 + int(wanted * self.random.uniform(0.7, 1.3)))
        clock.lost += now() - began

    def begin_sample(self) -> None:
        """The first entry after those that passed: it is timed and stands for them."""
        self.pending = None
        self.entries += self.step
        self.weight = self.step + 1
        HOOKS[self.names[0]] = self.every
        HOOKS[self.names[1]] = self.leave

    def count_passed(self) -> None:
        """Counts entries that passed since the last timed one; they took as long as those before."""
        if self.pending is None:
            return
        passed = self.step - self.pending.__length_hint__()
        self.pending = None
        self.entries += passed
        if self.looks is None:
            self.seconds += passed * self.mean
        else:
            self.looks.leave()


def install_next() -> None:
    """The builtin `next` under a name that no program shadows."""
    HOOKS[_instrument.NEXT_NAME] = next


def runs_in(frame: types.FrameType, at_most: int = 200) -> bool:
    """Whether the function of this frame is also further up the stack."""
    code, outer = frame.f_code, frame.f_back
    while outer is not None and at_most:
        if outer.f_code is code:
            return True
        outer, at_most = outer.f_back, at_most - 1
    return False


def measure_overhead(clock: Clock) -> None:
    """How much of its own time a hook sees when nothing happens between entry and exit."""
    timer = Timer(0, clock, lambda timer, frame: None)
    timer.look_at = sys.maxsize
    nothing = _instrument.Region(0, (1, 9), (1, 13))
    names: dict[str, Any] = {}
    exec(_instrument.instrument(b"def f(): pass", "<nothing>", [nothing]).code, names)
    timer.start()
    seen = []
    for _ in range(FIRST_TIMED - 1):
        before = timer.seconds
        names["f"]()
        seen.append(timer.seconds - before)
    timer.stop()
    clock.overhead = sorted(seen)[len(seen) // 2]


def uninstall(timers: list[Timer]) -> None:
    """All hooks off, for instance in a forked child."""
    for timer in timers:
        HOOKS[timer.names[0]] = None
        HOOKS[timer.names[1]] = None
