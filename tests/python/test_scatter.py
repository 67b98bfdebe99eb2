"""Loops that store at computed places: a block of places is looked at before, and nothing of it may be seen."""

from __future__ import annotations

import warnings

import numlift
import numpy as np
import pytest
from numlift import _native


def histogram(x, bins):
    counts = np.zeros(bins, np.int64)
    for i in range(len(x)):
        counts[int(x[i] * bins)] += 1
    return counts


def weighted(x, bins):
    sums = np.zeros(bins, np.float32)
    for i in range(2, len(x)):
        k = int(x[i] * bins)
        sums[k] = sums[k] * 0.5 + i
    return sums


def of_two(x, bins):
    sums, last = np.arange(float(bins)), np.zeros(bins)
    for i in range(len(x)):
        j = int(x[i] * bins)
        sums[int(x[i] * 3.0)] += sums[j]
        last[j] = i
    return sums, last


def into_its_places(x, bins):
    for i in range(len(x)):
        x[int(x[i] * len(x))] += 0.25
    return x


def by_labels(x, bins):
    labels = (x * bins).astype(np.int16)
    counts = np.zeros(bins, np.int64)
    for i in range(len(labels)):
        counts[labels[i]] += 2
        counts[0] -= 1
    return counts


def counted_up(x, bins):
    counts = np.zeros(bins, np.int64)
    counts[0] = 2**63 - 3
    for i in range(len(x)):
        counts[int(x[i] * 0.0)] += 1
    return counts


def seen(function, x):
    x = x.copy()
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        try:
            result = function(x, 13)
        except Exception as error:
            result = (type(error), str(error))
    return repr(result), x.tobytes(), [(str(one.message), one.category) for one in found]


FUNCTIONS = [histogram, weighted, of_two, into_its_places, by_labels, counted_up]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_a_block_of_places_is_what_each_place_is(function):
    kernel = numlift.jit(function)
    for length in (0, 3, 255, 256, 257, 700):
        x = np.random.default_rng(length).random(length)
        for place, value in [(0.0, 0.5), (0.5, np.nan), (1.0, -0.04), (0.3, 1e300), (0.6, 1.0), (0.9, -np.inf)]:
            given = x.copy()
            if length:
                given[int(place * (length - 1))] = value
            if function is by_labels:
                given = np.clip(np.nan_to_num(given), -2.0, 2.0)
            assert seen(kernel, given) == seen(function, given), (length, value)


def test_the_inner_loop_of_a_histogram_has_no_checks():
    kernel = numlift.jit(histogram)
    form = str(_native.jit_stages(kernel, [np.ones(3), 5])[1])
    block = form[form.index("if ") : form.index("} else {")]
    assert "load" in block and "store" in block
    assert not any(word in block for word in ("index [", "setindex", "add.np"))


@pytest.mark.parametrize("odd", [None, 1.0, -0.5, np.nan, -2.0])
def test_long_runs_are_counted_in_parts(odd):
    values = np.random.default_rng(7).random(200_000)
    if odd is not None:
        values[190_000] = odd
    for threads in (1, 3):
        with numlift.threads(threads):
            kernel = _native.jit(histogram, {"parallel": "tested"})
            assert seen(kernel, values) == seen(histogram, values)


def stores_a_part(x, v):
    for i in range(3):
        x[i] = v[i : i + 1]


def adds_a_part(x, v):
    x[1] += v[:1]


def stores_a_sum(x, v):
    x[1] = v.sum(keepdims=True)


def stores_an_element_by_a_mask(x, v):
    x[1] = v[2, True]


def fills_one_element(x, v):
    x[1, ...] = v[:1]
    x[2:3] = v[:1]


@pytest.mark.parametrize(
    "function",
    [stores_a_part, adds_a_part, stores_a_sum, stores_an_element_by_a_mask, fills_one_element],
    ids=lambda function: function.__name__,
)
@pytest.mark.parametrize("dtype", ["f8", "f4", "i8"])
def test_an_array_of_one_element_is_no_number(function, dtype):
    """NumPy warns of it before 2.4, and raises since."""

    def ended(called):
        x, told = np.zeros(4), []
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                called(x, np.arange(3).astype(dtype))
            except (ValueError, IndexError) as error:
                told.append(str(error))
        told += [str(one.message) for one in caught if one.category is DeprecationWarning]
        return x.tolist(), told

    assert ended(_native.jit(function, {"always": True})) == ended(function)


def stores_a_number(x, v):
    x[0] = v


def scales(x, v):
    for i in range(3):
        x[i] *= v


@pytest.mark.parametrize("function", [stores_a_number, scales], ids=lambda function: function.__name__)
@pytest.mark.parametrize("dtype", ["u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8"])
@pytest.mark.parametrize("given", [np.float64, np.float32, np.float16, float])
def test_a_float_that_does_not_fit_an_integer(function, dtype, given):
    kernel = _native.jit(function, {"always": True})

    def ended(called, number):
        x = np.ones(3, dtype)
        try:
            called(x, number)
        except (OverflowError, ValueError) as error:
            return str(error), x.tolist()
        return x.tolist()

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for value in [
            3e9,
            -5.0,
            7e4,
            7.5,
            np.nan,
            np.inf,
            1e19,
            -3e9,
            2.0**31,
            2.0**31 - 1,
            -(2.0**31),
            -(2.0**31) - 1,
        ]:
            number = given(value)
            assert ended(kernel, number) == ended(function, number), number


def by_itself(x, s):
    x[x] = s
    return x


def by_itself_backwards(x, s):
    y = x[::-1]
    x[y] = s
    return x


def changed_by_itself(x, s):
    x[x] += s
    return x


def by_an_argument(x, s):
    return by_two(x, x[::-1], s)


def by_two(x, y, s):
    x[y] = s
    return x


@pytest.mark.parametrize("s", [2, -1, 100])
@pytest.mark.parametrize("dtype", [np.int64, np.int8])
@pytest.mark.parametrize("function", [by_itself, by_itself_backwards, changed_by_itself, by_an_argument])
def test_places_that_are_stored_to(function, dtype, s):
    """What was tested to be in range must still be that when it is stored to."""
    kernel = _native.jit(function, {"always": True})
    x, y = (np.array([-1, -3, -1, 4, -3, -1], dtype=dtype) for _ in range(2))
    assert kernel(x, s).tolist() == function(y, s).tolist()
    assert x.tolist() == y.tolist()
