"""Faults that are planted in compiled code are found by the programs that compiled code is tested with.

Each fault is one that a slip in the compiler would make: it is planted in the text of every function that is compiled
while it is there, and one of the programs has to tell. Without any they all agree.
"""

import copy
import os
import re
import resource
import signal
import sys
import warnings
from pathlib import Path

import numlift
import pytest
from numlift import _engine

sys.path.insert(0, str(Path(__file__).parent / "compiled"))

from cases import CASES
from holding import ending_of, told
from hostile import HOSTILE

# What is planted: a pattern of LLVM's language, and what stands there instead.
FAULTS = {
    "a loop that runs once too often": (r"icmp slt i64 (%\w+), (%\w+)\n  br", r"icmp sle i64 \1, \2\n  br"),
    "a loop that stops too early": (r"(%\w+) = add nsw i64 (%\w+), 1\n", r"\1 = add nsw i64 \2, 2\n"),
    "a sum that is a difference": (r"= fadd ", "= fsub "),
    "a product that is a sum": (r"= fmul double", "= fadd double"),
    "operands the wrong way round": (r"= fsub double ([^,\n]+), ([^,\n]+)\n", r"= fsub double \2, \1\n"),
    "an overflow that nobody sees": (
        r"extractvalue \{i64, i1\} (%\w+), 1",
        r"and i1 false, false",
    ),
    "a range check that is left out": (
        r"br i1 [%\w]+, label %leave[\w.]*, label %(on[\w.]*)(, !prof !\d+)?",
        r"br label %\1",
    ),
    "a division that is cut off": (r"(%\w+) = sub i64 (%\w+), (%\w+)\n", r"\1 = sub i64 \2, 0\n"),
    "less where it is less or equal": (r"fcmp olt double", "fcmp ole double"),
    "greater where it is less": (r"icmp slt i64 (%\w+), 0\n", r"icmp sgt i64 \1, 0\n"),
    "truth that counts as minus one": (r"zext i1", "sext i1"),
    "a choice the wrong way round": (
        r"= select i1 (%\w+), double ([^,\n]+), double ([^,\n]+)\n",
        r"= select i1 \1, double \3, double \2\n",
    ),
    "a cast that rounds": (r"sitofp i64 (%\w+) to double", r"sitofp i64 0 to double"),
    "an event that is not told": (r"call i32 @nl_fp_end\(ptr %ctx, i64 %\w+\)", "add i32 0, 0"),
    "an event that is noted at another line": (r"select i1 (%\w+), i64 \d+, i64 0", r"select i1 \1, i64 128, i64 0"),
    "a reference that is not released": (r"call void @nl_release\(ptr %ctx, ptr %\w+\)\n", "\n"),
}

# Enough to tell, and few enough to be compiled again for each fault.
PROGRAMS = [*HOSTILE[::4], *[(case.function, *case.arguments) for case in CASES[::6]]]


def differs(programs):
    """The name of the first program that does not do what CPython does."""
    for function, *calls in programs:
        kept = copy.deepcopy(function.__defaults__)
        kernel = numlift.jit(function, cache=False)
        for arguments in calls:
            python = ending_of(function, arguments)
            function.__defaults__ = copy.deepcopy(kept)
            compiled = ending_of(kernel, arguments)
            function.__defaults__ = copy.deepcopy(kept)
            if told(python, compiled, 1 << 20):
                return function.__name__
    return None


def outcome(pattern, instead):
    """How a process ends that compiles with a fault: a name where a program told, `crashed`, or `silent`."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        # What runs for ever is a fault that is found, too.
        signal.alarm(60)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        plain, planted = _engine.compile, []

        def compile(text):
            changed, times = re.subn(pattern, instead, text)
            planted.append(times)
            return plain(changed)

        _engine.compile = compile
        warnings.simplefilter("ignore", numlift.NumliftWarning)
        found = differs(PROGRAMS)
        said = found or ("silent" if sum(planted) else "nothing was planted")
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with open(reading) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said or "crashed"


def test_without_a_fault_they_agree():
    assert outcome("no such text", "") == "nothing was planted"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(fault):
    """A second each: the programs are compiled again."""
    assert outcome(*FAULTS[fault]) not in ("silent", "nothing was planted")
