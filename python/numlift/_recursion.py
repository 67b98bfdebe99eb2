"""Timing a region of a function that calls itself very often.

Of such a region only the outermost entries count, which are few and long, while the hooks would be paid by the many
inner ones. So the inner ones pass through C code, and every k-th looks up the stack for the outermost call of the
function: if it is the same as at the look before, the region was active all the time between.

    fib(24)                    150,000 entries, a look at every few hundred of them
"""

from __future__ import annotations

import time
import types
from collections.abc import Callable

now = time.perf_counter

SHARE = 0.02
FIRST_STEP = 256
STEPS = (32, 100_000)


class StackLooks:
    """The time of one recursive region, put together from looks at the stack."""

    def __init__(self, frame: types.FrameType, entered: float, lost: float) -> None:
        self.outer = id(outermost(frame))
        self.last = entered
        self.lost = lost
        # Of the outermost call that is going on, and between two looks.
        self.activation = 0.0
        self.gap = 0.0
        self.step = FIRST_STEP
        self.left: Callable[[float], None] | None = None

    def look(self, frame: types.FrameType, lost: float) -> float:
        """The seconds by which the region's time has grown; sets how many entries pass until the next look."""
        began = now()
        gap = began - self.last - (lost - self.lost)
        outer = id(outermost(frame))
        if outer == self.outer:
            self.gap += 0.2 * (gap - self.gap) if self.gap else gap
            self.activation += gap
            grown = gap
        else:
            self.leave()
            self.outer = outer
            # Some of the gap was before the outermost call and some behind the last one.
            grown = self.activation = min(gap, self.gap)
        self.last, self.lost = now(), lost
        wanted = (self.last - began) / SHARE
        factor = min(max(wanted / max(gap, 1e-7), 0.25), 4.0)
        self.step = int(min(max(self.step * factor, STEPS[0]), STEPS[1]))
        return grown

    def leave(self) -> None:
        """The outermost call that was going on is over."""
        if self.left is not None:
            left, self.left = self.left, None
            left(self.activation)


def outermost(frame: types.FrameType) -> types.FrameType:
    """The outermost frame of the same function."""
    code, found = frame.f_code, frame
    outer = frame.f_back
    while outer is not None:
        if outer.f_code is code:
            found = outer
        outer = outer.f_back
    return found
