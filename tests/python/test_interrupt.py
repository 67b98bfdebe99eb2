"""Ctrl-C, and other signals, in compiled loops that run for long."""

import os
import signal
import subprocess
import time
import traceback
from contextlib import contextmanager

import numlift
import numpy as np
import pytest


def long_loop(x, seen, n):
    for i in range(n):
        seen[0] = i
        for j in range(len(x)):
            x[j] = x[j] * 0.5 + i
    return i


def long_while(n, seen):
    k = 0
    while k < n:
        k += 1
        if k % 1000 == 0:
            seen[0] = k
    return k


def catches(x, n):
    i = 0
    try:
        for i in range(n):
            x[0] = i
            for j in range(len(x)):
                x[j] += i
    except KeyboardInterrupt:
        return "interrupted", i < n - 1
    return "done", False


@contextmanager
def sent(*signals):
    """Send signals, a quarter of a second apart, from a process: compiled code does not let other threads run."""
    script = "; ".join(f"sleep 0.25; kill -{name} {os.getpid()}" for name in signals)
    with subprocess.Popen(["sh", "-c", script]):
        yield


def within(seconds, function, *arguments):
    began = time.perf_counter()
    with pytest.raises(KeyboardInterrupt) as caught:
        function(*arguments)
    assert time.perf_counter() - began < seconds
    return caught.value


# More passes than anybody waits for.
FOREVER = 10**12


def test_a_loop_of_loops_is_interrupted_and_what_it_did_stays():
    kernel = numlift.jit(long_loop)
    x, seen = np.zeros(1000), np.zeros(1)
    kernel(x, seen, 10)
    with sent("INT"):
        error = within(10, kernel, x, seen, FOREVER)
    assert seen[0] > 10
    frame = traceback.extract_tb(error.__traceback__)[-1]
    assert frame.name == "long_loop" and frame.line in ("seen[0] = i", "for j in range(len(x)):")
    assert kernel.specializations[0]["compiled"]


def test_a_while_loop_is_interrupted():
    kernel = numlift.jit(long_while)
    seen = np.zeros(1, int)
    kernel(10, seen)
    with sent("INT"):
        within(10, kernel, FOREVER, seen)
    assert seen[0] > 0


def test_the_function_may_catch_it():
    kernel = numlift.jit(catches)
    x = np.zeros(1000)
    assert kernel(x, 3) == ("done", False)
    with sent("INT"):
        assert kernel(x, FOREVER) == ("interrupted", True)


def test_a_handler_that_raises_nothing_does_not_end_machine_code():
    kernel = numlift.jit(long_loop)
    x, seen, heard = np.zeros(1000), np.zeros(1), []
    kernel(x, seen, 10)
    before = signal.signal(signal.SIGUSR1, lambda *_: heard.append(seen[0]))
    try:
        with sent("USR1", "INT"):
            within(10, kernel, x, seen, FOREVER)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert len(heard) == 1 and heard[0] < seen[0]
    assert not any(times for _, _, times in kernel.specializations[0]["exits"])


def test_under_strict_it_is_raised_at_once():
    kernel = numlift.jit(strict=True)(catches)
    x = np.zeros(1000)
    kernel(x, 3)
    with sent("INT"):
        within(10, kernel, x, FOREVER)
