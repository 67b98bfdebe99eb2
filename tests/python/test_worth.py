"""What is thought to pay is compiled, and what is not runs in Python."""

from __future__ import annotations

import warnings

import numlift
import numpy as np


def is_compiled(function, *arguments):
    kernel = numlift.jit(function)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", numlift.NumliftWarning)
        kernel(*arguments)
    return kernel.specializations[0]["compiled"]


def reports_progress(x):
    s = 0.0
    for i in range(len(x)):
        s += x[i]
        if i % 500 == 0:
            print(f"step {i}: {s:.3f}")
    return s


def reports_each(x):
    s = 0.0
    for i in range(len(x)):
        s += x[i]
        print(f"step {i}: {s:.3f}")
    return s


def mode_of_work(x, mode):
    s = 0.0
    for v in x:
        if mode == "squares":
            s += v * v
        else:
            s += str(v).count("1")
    return s


def test_a_loop_that_reports_its_progress():
    assert is_compiled(reports_progress, np.ones(1000))
    assert not is_compiled(reports_each, np.ones(10))


def test_only_what_a_mode_asks_for_counts():
    assert is_compiled(mode_of_work, np.ones(10), "squares")
    assert not is_compiled(mode_of_work, np.ones(10), "digits")
