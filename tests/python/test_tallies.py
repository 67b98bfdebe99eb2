"""Ints that are counted up need no look at each sum, and ranges with a step are tested at their last index."""

import warnings

import numlift
import numpy as np
import pytest


def checked(kernel):
    """What is checked in each pass."""
    return [line.strip() for line in kernel.explain().splitlines() if "checked in each pass" in line]


def above(x):
    count = 0
    for i in range(len(x)):
        if x[i] > 0.5:
            count += 1
    return count


def both_ways(x, limit):
    up, down, i, runs = 0, 10, 0, 0
    while i < len(x):
        if x[i] > limit:
            up += 2
        elif x[i] < -limit:
            down -= 3
        else:
            for _ in range(3):
                runs += 1
                if runs % 5 == 4:
                    break
                up = up - 1 if runs > 7 else up
        i += 1
    return up, down, i, runs


def doubled(n):
    count, value = 0, 1
    for _ in range(n):
        count += 1
        value = value + value + count
    return count, value


def from_far(n, start):
    for _ in range(n):
        start += 1
    return start


@pytest.mark.parametrize(("function", "more"), [(above, ()), (both_ways, (0.3,))])
@pytest.mark.parametrize("length", [0, 1, 2, 7, 100])
def test_tallies(function, more, length):
    x = np.random.default_rng(length).normal(size=length)
    kernel = numlift.jit(function)
    assert kernel(x, *more) == function(x, *more)


def test_no_sum_is_looked_at():
    for function, arguments in ((above, (np.arange(5.0),)), (both_ways, (np.arange(5.0), 0.5))):
        kernel = numlift.jit(function)
        assert kernel(*arguments) == function(*arguments)
        assert checked(kernel) == []


def test_what_is_no_tally_grows_beyond_64_bits():
    assert numlift.jit(doubled)(80) == doubled(80)
    for start in (2**63 - 3, 2**61, -(2**63), 0):
        assert numlift.jit(from_far)(5, start) == start + 5


def every(x, step, out):
    for i in range(0, len(x), 4):
        out[i // 4] = x[i] - x[i + 1] + x[i + 3]
    for i in range(len(x) - 1, 2, -3):
        out[0] += x[i - 2]
    for i in range(1, len(x) - step, 5):
        out[1] += x[i + step] * x[i + step - 1]
    return out


@pytest.mark.parametrize("length", [0, 1, 3, 4, 5, 8, 17, 100])
@pytest.mark.parametrize("step", [-3, 0, 1, 2, 200])
def test_steps_end_where_they_do(length, step):
    def outcome(function):
        out = np.zeros(40)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", numlift.NumliftWarning)
                function(np.arange(1.0, length + 1.0), step, out)
        except IndexError as error:
            return out.tolist(), str(error)
        return out.tolist(), None

    assert outcome(numlift.jit(every)) == outcome(every)


def test_a_stepped_range_stays_in_machine_code():
    def pairs(x):
        total = 0.0
        for i in range(0, len(x), 2):
            total += x[i] * x[i + 1]
        return total

    kernel = numlift.jit(pairs)
    assert kernel(np.arange(10.0)) == pairs(np.arange(10.0))
    assert "left for Python" not in kernel.explain() and checked(kernel) == []
