"""What a helper raises is caught where the helper is called, also when the call that raises changes something."""

import numpy as np
import pytest
from numlift import _native


def changes(x):
    np.subtract.at(x, x, 1.0)
    return 2.0


def changes_under_a_condition(x):
    if len(x) == 0:
        return 1.0
    np.subtract.at(x, x, 1.0)
    return 2.0


def calls_another(x):
    return changes(x) + 1.0


def draws(x):
    rng = np.random.default_rng(0)
    return rng.normal(0.0, -x[0])


def caught(x):
    j = 0.0
    try:
        j = changes(x)
    except IndexError:
        j = 5.0
    return j


def caught_in_a_condition(x):
    j = 0.0
    try:
        j = 1.0 if changes_under_a_condition(x) >= 0.5 else 2.0
    except IndexError:
        j += 5.0
    return j


def caught_two_calls_away(x):
    j = 0.0
    for _ in range(3):
        try:
            j = calls_another(x)
        except IndexError:
            j += 5.0
    return j


def finally_runs(x):
    try:
        changes(x)
    finally:
        x[0] = 7.0
    return 1.0


def caught_draw(x):
    j = 0.0
    try:
        j = draws(x)
    except ValueError:
        j = 5.0
    return j


@pytest.mark.parametrize(
    "function",
    [caught, caught_in_a_condition, caught_two_calls_away, finally_runs, caught_draw],
    ids=lambda f: f.__name__,
)
def test_it_is_caught(function):
    ends = []
    for called in function, _native.jit(function, {"always": True}):
        x = np.ones(4)
        try:
            result = called(x)
        except IndexError as error:
            result = repr(error)
        ends.append((repr(result), x.tolist()))
    assert ends[0] == ends[1]
